% What follows from what: the rules every proof is made of.
%
% A clause `head :- body.` holds for all values of its capitalised variables. `%! name` names the rule in proofs,
% `%! says` gives the words of the step, {0} and {1} being the head's arguments. Words are not things: a word
% means its senses only through the rules about quid:means, so that a proof always shows which sense was taken.

:- prefix(quid, "urn:quid:ns:").
:- prefix(rdf, "http://www.w3.org/1999/02/22-rdf-syntax-ns#").
:- prefix(rdfs, "http://www.w3.org/2000/01/rdf-schema#").
:- prefix(owl, "http://www.w3.org/2002/07/owl#").
:- prefix(skos, "http://www.w3.org/2004/02/skos/core#").
:- prefix(oboInOwl, "http://www.geneontology.org/formats/oboInOwl#").
:- prefix(ontolex, "http://www.w3.org/ns/lemon/ontolex#").
:- prefix(wn, "https://globalwordnet.github.io/schemas/wn#").

% --- Kinds ---------------------------------------------------------------------------------------------------

%! name instance
%! says "{0} is {1}"
quid:isA(X, Y) :- rdf:type(X, Y).

%! name subclass
%! says "{0} is {1}"
quid:isA(X, Y) :- rdfs:subClassOf(X, Y).

% A narrower concept of a thesaurus is a kind of the broader one, as people ask for kinds.
%! name broader
%! says "{0} is {1}"
quid:isA(X, Y) :- skos:broader(X, Y).

%! name wikidata-subclass
%! says "{0} is {1}"
quid:isA(X, Y) :- <http://www.wikidata.org/prop/direct/P279>(X, Y).

%! name wikidata-instance
%! says "{0} is {1}"
quid:isA(X, Y) :- <http://www.wikidata.org/prop/direct/P31>(X, Y).

%! name hypernym
%! says "{0} is {1}"
quid:isA(X, Y) :- wn:hypernym(X, Y).

%! name instance-hypernym
%! says "{0} is {1}"
quid:isA(X, Y) :- wn:instance_hypernym(X, Y).

%! name same
%! says "{0} is the same as {1}"
quid:isA(X, Y) :- owl:sameAs(X, Y).

%! name same-back
%! says "{0} is the same as {1}"
quid:isA(X, Y) :- owl:sameAs(Y, X).

% "birds" and "bird" name one class.
%! name other-form
%! says "{0} is another form of {1}"
quid:isA(X, Y) :- quid:formOf(X, Y).

%! name other-form-back
%! says "{0} is another form of {1}"
quid:isA(X, Y) :- quid:formOf(Y, X).

% Whatever a word means, what is said of that sense is said of the word, in that reading.
%! name reading
%! says "{0} here is {1}"
quid:isA(Word, Sense) :- quid:means(Word, Sense).

%! name reading-of-class
%! says "{0} is {1}"
quid:isA(X, Word) :- quid:isA(X, Sense), quid:means(Word, Sense).

%! name chain
%! says "{0} is {1}"
quid:isA(X, Z) :- quid:isA(X, Y), quid:isA(Y, Z).

% --- Words ---------------------------------------------------------------------------------------------------

% quid:formOf(Word, Spelling) is computed: the spelling, folded, is the word or its base form.
%! name word
%! says "{0} here is {1}"
quid:means(Word, Synset) :-
    quid:formOf(Word, Spelling),
    ontolex:writtenRep(Form, Spelling),
    ontolex:canonicalForm(Entry, Form),
    ontolex:sense(Entry, Sense),
    ontolex:isLexicalizedSenseOf(Sense, Synset).

% "geese" is listed as another form of goose.
%! name inflected-word
%! says "{0} here is {1}"
quid:means(Word, Synset) :-
    quid:formOf(Word, Spelling),
    ontolex:writtenRep(Form, Spelling),
    ontolex:otherForm(Entry, Form),
    ontolex:sense(Entry, Sense),
    ontolex:isLexicalizedSenseOf(Sense, Synset).

% After talk of baking, "soda" stands for "baking soda": the last word of the longer name. Computed by
% quid:shortFor, and said in the proof.
%! name short-word
%! says "{0} here is {1}"
quid:means(Word, Synset) :- quid:shortFor(Word, Longer), quid:means(Longer, Synset).

% Things of ontologies go by their labels and synonyms, in any language.
%! name label
%! says "{0} here is {1}"
quid:means(Word, Thing) :- quid:formOf(Word, Name), rdfs:label(Thing, Name).

%! name preferred-label
%! says "{0} here is {1}"
quid:means(Word, Thing) :- quid:formOf(Word, Name), skos:prefLabel(Thing, Name).

%! name other-label
%! says "{0} here is {1}"
quid:means(Word, Thing) :- quid:formOf(Word, Name), skos:altLabel(Thing, Name).

%! name hidden-label
%! says "{0} here is {1}"
quid:means(Word, Thing) :- quid:formOf(Word, Name), skos:hiddenLabel(Thing, Name).

%! name schema-name
%! says "{0} here is {1}"
quid:means(Word, Thing) :- quid:formOf(Word, Name), <https://schema.org/name>(Thing, Name).

%! name schema-name-plain
%! says "{0} here is {1}"
quid:means(Word, Thing) :- quid:formOf(Word, Name), <http://schema.org/name>(Thing, Name).

%! name foaf-name
%! says "{0} here is {1}"
quid:means(Word, Thing) :- quid:formOf(Word, Name), <http://xmlns.com/foaf/0.1/name>(Thing, Name).

%! name cyc-label
%! says "{0} here is {1}"
quid:means(Word, Thing) :- quid:formOf(Word, Name), <http://sw.cyc.com/CycAnnotations_v1#label>(Thing, Name).

%! name cyc-name
%! says "{0} here is {1}"
quid:means(Word, Thing) :- quid:formOf(Word, Name), <http://sw.opencyc.org/concept/Mx4rwLSVCpwpEbGdrcN5Y29ycA>(Thing, Name).

%! name exact-synonym
%! says "{0} here is {1}"
quid:means(Word, Thing) :- quid:formOf(Word, Name), oboInOwl:hasExactSynonym(Thing, Name).

%! name narrow-synonym
%! says "{0} here is {1}"
quid:means(Word, Thing) :- quid:formOf(Word, Name), oboInOwl:hasNarrowSynonym(Thing, Name).

%! name broad-synonym
%! says "{0} here is {1}"
quid:means(Word, Thing) :- quid:formOf(Word, Name), oboInOwl:hasBroadSynonym(Thing, Name).

%! name related-synonym
%! says "{0} here is {1}"
quid:means(Word, Thing) :- quid:formOf(Word, Name), oboInOwl:hasRelatedSynonym(Thing, Name).

%! name alternative-term
%! says "{0} here is {1}"
quid:means(Word, Thing) :- quid:formOf(Word, Name), <http://purl.obolibrary.org/obo/IAO_0000118>(Thing, Name).

%! name schema-other-name
%! says "{0} here is {1}"
quid:means(Word, Thing) :- quid:formOf(Word, Name), <https://schema.org/alternateName>(Thing, Name).

%! name schema-other-name-plain
%! says "{0} here is {1}"
quid:means(Word, Thing) :- quid:formOf(Word, Name), <http://schema.org/alternateName>(Thing, Name).

% Something nobody labelled goes by the words of its IRI. Computed by quid:calledSo.
%! name called-so
%! says "{0} here is {1}"
quid:means(Word, Thing) :- quid:calledSo(Word, Thing).

% --- Not ------------------------------------------------------------------------------------------------------

%! name disjoint
%! says "nothing is both {0} and {1}"
quid:notA(X, Y) :- owl:disjointWith(X, Y).

%! name disjoint-back
%! says "nothing is both {0} and {1}"
quid:notA(X, Y) :- owl:disjointWith(Y, X).

%! name not-by-kind
%! says "{0} is not {1}"
quid:notA(X, Z) :- quid:isA(X, Y), quid:notA(Y, Z).

%! name not-its-kinds
%! says "{0} is not {1}"
quid:notA(X, Z) :- quid:notA(X, Y), quid:isA(Z, Y).

% --- Parts ----------------------------------------------------------------------------------------------------

%! name part
%! says "{0} has {1} as a part"
quid:hasPart(X, Y) :- wn:mero_part(X, Y).

%! name substance
%! says "{0} is made of {1}"
quid:hasPart(X, Y) :- wn:mero_substance(X, Y).

%! name member
%! says "{0} has {1} as a member"
quid:hasPart(X, Y) :- wn:mero_member(X, Y).

%! name part-taught
%! says "{0} has {1}"
quid:hasPart(X, Y) :- <urn:quid:verb:has>(X, Y).

%! name part-plural-taught
%! says "{0} has {1}"
quid:hasPart(X, Y) :- <urn:quid:verb:have>(X, Y).

%! name has-part-taught
%! says "{0} has {1}"
quid:hasPart(X, Y) :- <urn:quid:verb:has%20part>(X, Y).

%! name part-of-taught
%! says "{0} has {1}"
quid:hasPart(X, Y) :- <urn:quid:verb:is%20part%20of>(Y, X).

% The Open Biomedical Ontologies write "every lung is part of some chest" as a restriction, and their relations stand
% in BFO; a file of its own may only call its relation so.
%! name part-of-some
%! says "every {1} is part of some {0}"
quid:hasPart(X, Y) :-
    rdfs:subClassOf(Y, Some),
    owl:someValuesFrom(Some, X),
    owl:onProperty(Some, <http://purl.obolibrary.org/obo/BFO_0000050>).

%! name has-some-part
%! says "every {0} has some {1} as a part"
quid:hasPart(X, Y) :-
    rdfs:subClassOf(X, Some),
    owl:someValuesFrom(Some, Y),
    owl:onProperty(Some, <http://purl.obolibrary.org/obo/BFO_0000051>).

%! name part-of-some-by-name
%! says "every {1} is part of some {0}"
quid:hasPart(X, Y) :-
    rdfs:subClassOf(Y, Some),
    owl:someValuesFrom(Some, X),
    owl:onProperty(Some, Relation),
    rdfs:label(Relation, "part of").

%! name part-of-some-by-english-name
%! says "every {1} is part of some {0}"
quid:hasPart(X, Y) :-
    rdfs:subClassOf(Y, Some),
    owl:someValuesFrom(Some, X),
    owl:onProperty(Some, Relation),
    rdfs:label(Relation, "part of"@en).

%! name part-of-ontology
%! says "{1} is part of {0}"
quid:hasPart(X, Y) :- <http://purl.obolibrary.org/obo/BFO_0000050>(Y, X).

%! name has-part-ontology
%! says "{0} has {1} as a part"
quid:hasPart(X, Y) :- <http://purl.obolibrary.org/obo/BFO_0000051>(X, Y).

%! name part-by-kind
%! says "{0} has {1}"
quid:hasPart(X, Z) :- quid:isA(X, Y), quid:hasPart(Y, Z).

% --- Taught relations -------------------------------------------------------------------------------------------

% quid:relation stands for any relation that was taught ("can", "likes", "are"); a rule about it becomes a rule
% about the relation that is asked for. What holds of a class holds of its kinds, unless told otherwise.
%! name inherited
%! says "{0} {relation} {1}"
quid:relation(X, Value) :- quid:isA(X, Class), quid:relation(Class, Value).

% "likes teas" answers "likes tea".
%! name same-value
%! says "{0} {relation} {1}"
quid:relation(X, Other) :- quid:relation(X, Value), quid:isA(Value, Other).

% --- Words of like and of opposite meaning ------------------------------------------------------------------------

%! name synonym
%! says "{0} can also be called {1}"
quid:synonym(X, Y) :- quid:means(X, Synset), quid:means(Y, Synset).

%! name expresses
%! says "{0} has this sense"
quid:expresses(Word, Sense) :-
    quid:formOf(Word, Spelling),
    ontolex:writtenRep(Form, Spelling),
    ontolex:canonicalForm(Entry, Form),
    ontolex:sense(Entry, Sense).

%! name opposite
%! says "{0} is the opposite of {1}"
quid:opposite(X, Y) :- quid:expresses(X, One), wn:antonym(One, Other), quid:expresses(Y, Other).

% An adjective at the edge of its cluster is opposed by way of the cluster's head.
%! name opposite-of-similar
%! says "{0} is much like the opposite of {1}"
quid:opposite(X, Y) :-
    quid:expresses(X, Sense),
    ontolex:isLexicalizedSenseOf(Sense, Synset),
    wn:similar(Synset, Head),
    ontolex:isLexicalizedSenseOf(One, Head),
    wn:antonym(One, Other),
    quid:expresses(Y, Other).

% --- Parts, read as words ---------------------------------------------------------------------------------------

% A car has a car wheel, and that is a wheel.
%! name part-of-a-kind
%! says "{0} has {1}"
quid:hasPart(X, Z) :- quid:hasPart(X, Y), quid:isA(Y, Z).

%! name part-by-name
%! says "{0} has {1}"
quid:hasPart(X, Word) :- quid:hasPart(X, Y), quid:means(Word, Y).
