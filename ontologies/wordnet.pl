% WordNet in plain words, for questions in logic: `?- hypernym(dog, X).`
%
% Words are not things: each rule goes from a word through one of its senses to a relation between senses, and back
% to the words of the other sense, so that a proof shows which sense was taken. A question in chat words chooses
% senses by what was talked about; a question in logic gets them all.

:- prefix(word, "urn:quid:word:").
:- prefix(quid, "urn:quid:ns:").
:- prefix(rdf, "http://www.w3.org/1999/02/22-rdf-syntax-ns#").
:- prefix(rdfs, "http://www.w3.org/2000/01/rdf-schema#").
:- prefix(owl, "http://www.w3.org/2002/07/owl#").
:- prefix(skos, "http://www.w3.org/2004/02/skos/core#").
:- prefix(xsd, "http://www.w3.org/2001/XMLSchema#").
:- prefix(ontolex, "http://www.w3.org/ns/lemon/ontolex#").
:- prefix(wn, "https://globalwordnet.github.io/schemas/wn#").
:- prefix(wn30, "http://wordnet-rdf.princeton.edu/wn30/").

:- vocab(sense/2, word:sense).
:- vocab(hypernym/2, word:hypernym).
:- vocab(hyponym/2, word:hyponym).
:- vocab(kind_of/2, word:kindOf).
:- vocab(instance_of/2, word:instanceOf).
:- vocab(part_of/2, word:partOf).
:- vocab(has_part/2, word:hasPart).
:- vocab(member_of/2, word:memberOf).
:- vocab(has_member/2, word:hasMember).
:- vocab(substance_of/2, word:substanceOf).
:- vocab(made_of/2, word:madeOf).
:- vocab(synonym/2, word:synonym).
:- vocab(antonym/2, word:antonym).
:- vocab(similar/2, word:similar).
:- vocab(entails/2, word:entails).
:- vocab(causes/2, word:causes).
:- vocab(definition/2, word:definition).
:- vocab(is_a/2, quid:isA).
:- vocab(not_a/2, quid:notA).
:- vocab(subclass_of/2, rdfs:subClassOf).
:- vocab(label/2, word:label).

% --- Words and senses -----------------------------------------------------------------------------------------

%! name sense
%! says "{0} can mean {1}"
sense(Word, Synset) :-
    spelling(Word, Text),
    ontolex:writtenRep(Form, Text),
    ontolex:canonicalForm(Entry, Form),
    ontolex:sense(Entry, Sense),
    ontolex:isLexicalizedSenseOf(Sense, Synset).

%! name lexical-sense
%! says "{0} has this sense"
word:entry(Word, Sense) :-
    spelling(Word, Text),
    ontolex:writtenRep(Form, Text),
    ontolex:canonicalForm(Entry, Form),
    ontolex:sense(Entry, Sense).

% --- Kinds ----------------------------------------------------------------------------------------------------

%! name hypernym
%! says "{0} is a kind of {1}"
hypernym(Word, Other) :- sense(Word, One), wn:hypernym(One, Two), sense(Other, Two).

%! name hyponym
%! says "a kind of {0} is {1}"
hyponym(Word, Other) :- sense(Word, One), wn:hypernym(Two, One), sense(Other, Two).

%! name instance-of
%! says "{0} is one of {1}"
instance_of(Word, Other) :- sense(Word, One), wn:instance_hypernym(One, Two), sense(Other, Two).

%! name above
%! says "{0} is a kind of {1}"
word:above(One, Two) :- wn:hypernym(One, Two).

%! name above-instance
%! says "{0} is one of {1}"
word:above(One, Two) :- wn:instance_hypernym(One, Two).

%! name above-chain
%! says "{0} is a kind of {1}"
word:above(One, Three) :- word:above(One, Two), wn:hypernym(Two, Three).

%! name kind-of
%! says "{0} is a kind of {1}"
kind_of(Word, Other) :- sense(Word, One), word:above(One, Two), sense(Other, Two).

% --- Parts ----------------------------------------------------------------------------------------------------

%! name has-part
%! says "{0} has {1} as a part"
has_part(Word, Other) :- sense(Word, One), wn:mero_part(One, Two), sense(Other, Two).

%! name part-of
%! says "{0} is a part of {1}"
part_of(Word, Other) :- sense(Word, One), wn:mero_part(Two, One), sense(Other, Two).

%! name has-member
%! says "{0} has {1} as a member"
has_member(Word, Other) :- sense(Word, One), wn:mero_member(One, Two), sense(Other, Two).

%! name member-of
%! says "{0} is a member of {1}"
member_of(Word, Other) :- sense(Word, One), wn:mero_member(Two, One), sense(Other, Two).

%! name made-of
%! says "{0} has {1} in it"
made_of(Word, Other) :- sense(Word, One), wn:mero_substance(One, Two), sense(Other, Two).

%! name substance-of
%! says "{0} is in {1}"
substance_of(Word, Other) :- sense(Word, One), wn:mero_substance(Two, One), sense(Other, Two).

% --- Like and opposite ----------------------------------------------------------------------------------------

%! name synonym
%! says "{0} can also be called {1}"
synonym(Word, Other) :- sense(Word, Synset), sense(Other, Synset), Word \= Other.

%! name antonym
%! says "{0} is the opposite of {1}"
antonym(Word, Other) :- word:entry(Word, One), wn:antonym(One, Two), word:entry(Other, Two).

%! name similar
%! says "{0} is much like {1}"
similar(Word, Other) :- sense(Word, One), wn:similar(One, Two), sense(Other, Two).

%! name entails
%! says "to {0} entails to {1}"
entails(Word, Other) :- sense(Word, One), wn:entails(One, Two), sense(Other, Two).

%! name causes
%! says "to {0} causes to {1}"
causes(Word, Other) :- sense(Word, One), wn:causes(One, Two), sense(Other, Two).

%! name definition
%! says "{0} means \"{1}\""
definition(Word, Text) :- sense(Word, Synset), wn:definition(Synset, Text).

% --- Names ----------------------------------------------------------------------------------------------------

%! name label
%! says "{0} is called {1}"
label(Thing, Text) :- rdfs:label(Thing, Text).

%! name label-of-synset
%! says "{0} is called {1}"
label(Synset, Text) :-
    ontolex:isLexicalizedSenseOf(Sense, Synset),
    ontolex:sense(Entry, Sense),
    ontolex:canonicalForm(Entry, Form),
    ontolex:writtenRep(Form, Text).

%! name label-of-atom
%! says "{0} is called {1}"
label(Thing, Text) :- atom_name(Thing, Text).
