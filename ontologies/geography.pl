% Views over the relations of a well-known small program about the geography of a country: state/10, city/4, river/3,
% border/3, highlow/6, mountain/4, road/2, lake/3, country/3.
%
% Columns have no names, so a view says what they are; ontologies/geography.ttl says which English words go with each
% view. Whoever has a program of their own writes two such files for it. One name does not tell two cities apart, so
% a city, a mountain and a point are named by two terms: their name and their state.

:- prefix(geo, "urn:quid:geography:").

% --- States and the country ------------------------------------------------------------------------------------

%! says "{0} is a state"
geo:state(S) :- state(S, _, _, _, _, _, _, _, _, _).
%! says "{0} is a country"
geo:country(C) :- country(C, _, _).
%! says "{0} is abbreviated {1}"
geo:abbreviation(S, A) :- state(S, A, _, _, _, _, _, _, _, _).
%! says "the population of {0} is {1}"
geo:state_population(S, P) :- state(S, _, _, P, _, _, _, _, _, _).
%! says "the area of {0} is {1}"
geo:state_area(S, A) :- state(S, _, _, _, A, _, _, _, _, _).
%! says "the population density of {0} is {1}"
geo:density(S, D) :- state(S, _, _, P, A, _, _, _, _, _), D is P / A.
%! says "{0} was number {1} to join"
geo:rank(S, N) :- state(S, _, _, _, _, N, _, _, _, _).
%! says "{0} borders {1}"
geo:borders(S, T) :- border(S, _, Around), member(T, Around).
%! says "{0} is in {1}"
geo:state_country(S, C) :- state(S, _, _, _, _, _, _, _, _, _), country(C, _, _).
%! says "the population of {0} is {1}"
geo:country_population(C, P) :- country(C, P, _).
%! says "the area of {0} is {1}"
geo:country_area(C, A) :- country(C, _, A).

% --- Cities ------------------------------------------------------------------------------------------------------

%! says "{0} is a city in {1}"
geo:city(N, S) :- city(S, _, N, _).
%! says "{0} in {1} is a major city"
geo:major_city(N, S) :- city(S, _, N, P), P > 150000.
%! says "{0} is the capital of {1}"
geo:capital_city(N, S) :- state(S, _, N, _, _, _, _, _, _, _).
%! says "the capital of {0} is {1}"
geo:capital(S, N, S) :- state(S, _, N, _, _, _, _, _, _, _).
%! says "the population of {0} in {1} is {2}"
geo:city_population(N, S, P) :- city(S, _, N, P).
%! says "{0} is in {2}"
geo:city_state(N, S, S) :- city(S, _, N, _).
%! says "{0} is in {2}"
geo:city_state(N, S, S) :- state(S, _, N, _, _, _, _, _, _, _).
%! says "{0} is in {2}"
geo:city_country(N, S, C) :- city(S, _, N, _), country(C, _, _).
%! says "{0} is in {2}"
geo:city_country(N, S, C) :- state(S, _, N, _, _, _, _, _, _, _), country(C, _, _).
%! says "the population of the cities of {0} is {1}"
geo:urban_population(S, P) :- state(S, _, _, _, _, _, _, _, _, _), sum(Q, geo:city_population(_, S, Q), P).

% --- Rivers, lakes, roads --------------------------------------------------------------------------------------------

%! says "{0} is a river"
geo:river(R) :- river(R, _, _).
%! says "{0} is a major river"
geo:major_river(R) :- river(R, L, _), L > 750.
%! says "{0} is {1} kilometers long"
geo:length(R, L) :- river(R, L, _).
%! says "{0} runs through {1}"
geo:runs_through(R, S) :- river(R, _, Through), member(S, Through).
%! says "{0} is in {1}"
geo:river_country(R, C) :- river(R, _, _), country(C, _, _).
%! says "{0} is a lake"
geo:lake(L) :- lake(L, _, _).
%! says "{0} is a major lake"
geo:major_lake(L) :- lake(L, A, _), A > 750.
%! says "the area of {0} is {1}"
geo:lake_area(L, A) :- lake(L, A, _).
%! says "{0} is in {1}"
geo:lake_state(L, S) :- lake(L, _, States), member(S, States).
%! says "{0} is in {1}"
geo:lake_country(L, C) :- lake(L, _, _), country(C, _, _).
%! says "{0} is a road"
geo:road(R) :- road(R, _).
%! says "{0} runs through {1}"
geo:road_state(R, S) :- road(R, States), member(S, States).
%! says "{0} is in {1}"
geo:road_country(R, C) :- road(R, _), country(C, _, _).

% --- Heights -----------------------------------------------------------------------------------------------------------

%! says "{0} is a mountain in {1}"
geo:mountain(N, S) :- mountain(S, _, N, _).
%! says "{0} is {2} meters high"
geo:height(N, S, H) :- mountain(S, _, N, H).
%! says "{0} is in {2}"
geo:mountain_state(N, S, S) :- mountain(S, _, N, _).
%! says "{0} is in {2}"
geo:mountain_country(N, S, C) :- mountain(S, _, N, _), country(C, _, _).
%! says "{0} is a point in {1}"
geo:point(N, S) :- highlow(S, _, N, _, _, _).
%! says "{0} is a point in {1}"
geo:point(N, S) :- highlow(S, _, _, _, N, _).
%! says "{0} in {1} is at {2} meters"
geo:elevation(N, S, E) :- highlow(S, _, N, E, _, _).
%! says "{0} in {1} is at {2} meters"
geo:elevation(N, S, E) :- highlow(S, _, _, _, N, E).
%! says "{0} is in {2}"
geo:point_state(N, S, S) :- highlow(S, _, N, _, _, _).
%! says "{0} is in {2}"
geo:point_state(N, S, S) :- highlow(S, _, _, _, N, _).
%! says "{0} is in {2}"
geo:point_country(N, S, C) :- highlow(S, _, N, _, _, _), country(C, _, _).
%! says "{0} is in {2}"
geo:point_country(N, S, C) :- highlow(S, _, _, _, N, _), country(C, _, _).
%! says "the highest point of {0} is {1}"
geo:highest_point(S, N, S) :- highlow(S, _, N, _, _, _).
%! says "the lowest point of {0} is {1}"
geo:lowest_point(S, N, S) :- highlow(S, _, _, _, N, _).
%! says "{0} has a place at {1} meters"
geo:state_elevation(S, E) :- highlow(S, _, _, E, _, _).
%! says "{0} has a place at {1} meters"
geo:state_elevation(S, E) :- highlow(S, _, _, _, _, E).
