% What follows from what people teach in English, without a look at any dictionary: the base under taught rules.
%
% Taught rules conclude quid:isA ("X is smart", "X is a cat"), quid:notA and verbs; these rules bring the stored
% statements to the same words. They are few on purpose: a question about a taught world must not wander off into
% the senses of its words.

:- prefix(quid, "urn:quid:ns:").
:- prefix(rdf, "http://www.w3.org/1999/02/22-rdf-syntax-ns#").
:- prefix(rdfs, "http://www.w3.org/2000/01/rdf-schema#").
:- prefix(owl, "http://www.w3.org/2002/07/owl#").

%! name property
%! says "{0} is {1}"
quid:isA(X, Y) :- quid:hasProperty(X, Y).

%! name instance
%! says "{0} is {1}"
quid:isA(X, Y) :- rdf:type(X, Y).

%! name kind
%! says "{0} is {1}"
quid:isA(X, Y) :- rdfs:subClassOf(X, Y).

%! name by-kind
%! says "{0} is {1}"
quid:isA(X, Z) :- quid:isA(X, Y), rdfs:subClassOf(Y, Z).

% What is said of one name holds of the other.
%! name same
%! says "{0} is {1}"
quid:isA(X, Z) :- owl:sameAs(X, Y), quid:isA(Y, Z).

%! name same-back
%! says "{0} is {1}"
quid:isA(X, Z) :- owl:sameAs(Y, X), quid:isA(Y, Z).

%! name not-by-kind
%! says "{0} is not {1}"
quid:notA(X, Z) :- quid:isA(X, Y), quid:notA(Y, Z).

%! name disjoint
%! says "{0} is not {1}"
quid:notA(X, Z) :- quid:isA(X, Y), owl:disjointWith(Y, Z).

%! name disjoint-back
%! says "{0} is not {1}"
quid:notA(X, Z) :- quid:isA(X, Y), owl:disjointWith(Z, Y).

% Whoever is no mammal is no cat either. For classes only: a taught "if" is not turned round.
%! name not-its-kinds
%! says "{0} is not {1}"
quid:notA(X, Z) :- quid:notA(X, Y), rdfs:subClassOf(Z, Y).

% "owns a dog": owns one, or owns "a dog" as it was said of no certain one.
%! name some
%! says "{0} is {1}"
quid:some(X, Y) :- quid:isA(X, Y).
