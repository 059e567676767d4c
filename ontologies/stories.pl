% What holds when, from what was told to have happened.
%
% Told are: came(X, Place, T), stands(X, Place, T), took(X, Thing, T), let_go(X, Thing, T), gave(X, Thing, To, T),
% left(X, Place, T) (X is not there), perhaps(X, Place, T) (one of several), felt(X, Feeling, T), looked(X, Colour, T);
% T is a moment, a whole number. Where a thing is follows from the last that was told of it up to a moment: it came
% there itself, somebody has it and takes it along, or somebody let go of it. That nothing came later is known from
% the greatest of all moments, so every proof shows it. `told_above` and its like say how things lie to each other.

:- prefix(story, "urn:quid:story:").
:- prefix(quid, "urn:quid:ns:").
:- prefix(rdf, "http://www.w3.org/1999/02/22-rdf-syntax-ns#").
:- prefix(rdfs, "http://www.w3.org/2000/01/rdf-schema#").

% --- Who has what, and where things are ----------------------------------------------------------------------------

%! says "{0} got {1}"
story:got(X, Thing, T) :- story:took(X, Thing, T).
%! says "{0} got {1}"
story:got(X, Thing, T) :- story:gave(_, Thing, X, T).

story:changed(X, T) :- story:came(X, _, T).
story:changed(X, T) :- story:stands(X, _, T).
story:changed(X, T) :- story:got(_, X, T).
story:changed(X, T) :- story:let_go(_, X, T).
story:changed(X, T) :- story:perhaps(X, _, T).

story:changed_by(X, Now, T) :- story:changed(X, T), T =< Now.

%! says "nothing later was told of where {0} is"
story:last_change(X, Now, T) :- max(U, story:changed_by(X, Now, U), T).

%! says "{0} was in {1}"
story:reached_itself(X, Place, T) :- story:came(X, Place, T).
%! says "{0} was in {1}"
story:reached_itself(X, Place, T) :- story:stands(X, Place, T).

%! says "{0} is in {1}"
story:place(X, Place, Now) :-
    story:last_change(X, Now, T), story:reached_itself(X, Place, T), \+ story:gone(X, Place, T, Now).
%! says "{0} is where the one is who has it: {1}"
story:place(X, Place, Now) :- story:last_change(X, Now, T), story:got(Who, X, T), story:place(Who, Place, Now).
%! says "{0} is where it was let go: {1}"
story:place(X, Place, Now) :- story:last_change(X, Now, T), story:let_go(Who, X, T), story:place(Who, Place, T).

%! says "{0} is in {1}, the only place that is left"
story:place(X, Place, Now) :-
    story:last_change(X, Now, T),
    story:perhaps(X, Place, T),
    story:perhaps(X, Other, T),
    dif(Place, Other),
    story:gone(X, Other, T, Now),
    \+ story:gone(X, Place, T, Now).

story:gone(X, Place, T, Now) :- story:left(X, Place, U), T < U, U =< Now.

%! says "{0} is in {1}"
story:inside(X, Place, Now) :- story:place(X, Place, Now).
%! says "{0} is in {1}"
story:inside(X, Place, Now) :- story:place(X, Between, Now), story:inside(Between, Place, Now).

% story:asked(Place) and story:asked_at(Now) are what a question is about, in force for that question only.
%! says "{0} is not in {1}, but elsewhere"
story:outside(X, Place, Now) :-
    story:asked(Place), story:place(X, Other, Now), dif(Other, Place), \+ story:inside(X, Place, Now), \+ story:inside(Place, Other, Now).
%! says "{0} is not in {1}"
story:outside(X, Place, Now) :- story:left(X, Place, T), T =< Now, \+ story:back(X, Place, T, Now).
%! says "{0} is in one of two places, and {1} is neither"
story:outside(X, Place, Now) :-
    story:asked(Place), story:last_change(X, Now, T), story:perhaps(X, _, T), \+ story:perhaps(X, Place, T).

story:back(X, Place, T, Now) :- story:came(X, Place, U), T < U, U =< Now.
story:back(X, Place, T, Now) :- story:stands(X, Place, U), T < U, U =< Now.
story:back(X, Place, T, Now) :- story:perhaps(X, Place, U), T < U, U =< Now.

%! says "{0} may be in {1}"
story:maybe(X, Place, Now) :-
    story:last_change(X, Now, T), story:perhaps(X, Place, T), \+ story:gone(X, Place, T, Now).

%! says "{0} has {1}"
story:has(X, Thing, Now) :- story:got(X, Thing, T), T =< Now, story:last_change(Thing, Now, T).
story:has_something(X, Now) :- story:has(X, _, Now).
%! says "{0} has nothing"
story:has_nothing(X, Now) :- story:acts(X), story:asked_at(Now), \+ story:has_something(X, Now).
story:has_not(X, Thing, Now) :-
    story:acts(X), story:changed(Thing, _), story:asked_at(Now), \+ story:has(X, Thing, Now).
story:number(X, Now, N) :- story:acts(X), count(Thing, story:has(X, Thing, Now), N).

story:acts(X) :- story:came(X, _, _).
story:acts(X) :- story:stands(X, _, _).
story:acts(X) :- story:took(X, _, _).
story:acts(X) :- story:let_go(X, _, _).
story:acts(X) :- story:gave(X, _, _, _).
story:acts(X) :- story:gave(_, _, X, _).
story:acts(X) :- story:felt(X, _, _).
story:acts(X) :- story:left(X, _, _).
story:acts(X) :- story:perhaps(X, _, _).

% --- Before and after ------------------------------------------------------------------------------------------------

story:changed_after(X, T, U) :- story:changed(X, U), T < U.
story:changed_later(X, T) :- story:changed_after(X, T, _).
story:until(X, T, End) :- min(U, story:changed_after(X, T, U), End).

%! says "{0} got to {1}"
story:reached(X, Place, T) :- story:reached_itself(X, Place, T).
%! says "{0} was taken up in {1}"
story:reached(X, Place, T) :- story:got(Who, X, T), story:place(Who, Place, T).
%! says "{0} was carried to {1}"
story:reached(X, Place, T) :-
    story:got(Who, X, Start), story:until(X, Start, End), story:came(Who, Place, T), Start < T, T < End.
%! says "{0} was carried to {1}"
story:reached(X, Place, T) :-
    story:got(Who, X, Start), story:came(Who, Place, T), Start < T, \+ story:changed_later(X, Start).

%! says "the last time"
story:last_visit(X, Place, T) :- max(U, story:reached(X, Place, U), T).

story:earlier_elsewhere(X, Place, T, U) :-
    story:reached(X, Place, T), story:reached(X, Other, U), U < T, dif(Other, Place).
story:later_elsewhere(X, Place, T, U) :-
    story:reached(X, Place, T), story:reached(X, Other, U), T < U, dif(Other, Place).

%! says "before {1}, {0} was in {2}"
story:before(X, Place, Other) :-
    story:last_visit(X, Place, T),
    max(U, story:earlier_elsewhere(X, Place, T, U), V),
    story:reached(X, Other, V).

story:visit_before_another(X, Place, T) :- story:reached(X, Place, T), story:later_elsewhere(X, Place, T, _).

%! says "after {1}, {0} was in {2}"
story:after(X, Place, Other) :-
    max(U, story:visit_before_another(X, Place, U), T),
    min(V, story:later_elsewhere(X, Place, T, V), W),
    story:reached(X, Other, W).

% --- What people feel, and what they do for it -------------------------------------------------------------------------

story:felt_by(X, Now, T) :- story:felt(X, _, T), T =< Now.
%! says "{0} is {1}"
story:feels(X, Feeling, Now) :- max(U, story:felt_by(X, Now, U), T), story:felt(X, Feeling, T).
%! says "whoever feels so goes to {1}"
story:will_go(X, Place, Now) :- story:feels(X, Feeling, Now), quid:leadsTo(Feeling, Place).
%! says "{0} went to {1} being {2}"
story:went_because(X, Place, Feeling) :-
    max(U, story:came(X, Place, U), T), story:feels(X, Feeling, T).
%! says "{0} got {1} being {2}"
story:got_because(X, Thing, Feeling) :-
    max(U, story:got(X, Thing, U), T), story:feels(X, Feeling, T).

story:looked_by(X, Now, T) :- story:looked(X, _, T), T =< Now.
%! says "{0} is {1}"
story:looks(X, Colour, Now) :- max(U, story:looked_by(X, Now, U), T), story:looked(X, Colour, T).

%! says "{0} is a {1}"
story:kind(X, Kind) :- rdf:type(X, Kind).
%! says "{0} is a {1}"
story:kind(X, Kind) :- story:kind(X, Between), rdfs:subClassOf(Between, Kind).

% --- How things lie to each other ----------------------------------------------------------------------------------

% What is said to be above something is read as straight above it, and what is left of it as beside it: that is how
% people describe a picture.
story:column(X, Y) :- story:told_above(X, Y).
story:column(X, Y) :- story:told_above(Y, X).
story:column(X, Y) :- story:told_below(X, Y).
story:column(X, Y) :- story:told_below(Y, X).
story:column(X, Z) :- story:column(X, Y), story:column(Y, Z).
story:row(X, Y) :- story:told_left(X, Y).
story:row(X, Y) :- story:told_left(Y, X).
story:row(X, Y) :- story:told_right(X, Y).
story:row(X, Y) :- story:told_right(Y, X).
story:row(X, Z) :- story:row(X, Y), story:row(Y, Z).

%! says "{0} is above {1}"
story:above(X, Y) :- story:told_above(X, Y).
%! says "{0} is above {1}"
story:above(X, Y) :- story:told_below(Y, X).
%! says "{0} is above {1}"
story:above(X, Z) :- story:above(X, Y), story:above(Y, Z).
%! says "{0} is above {1}, being beside what is"
story:above(X, Z) :- story:row(X, Y), story:above(Y, Z).
%! says "{0} is above {1}, being above what is beside it"
story:above(X, Z) :- story:above(X, Y), story:row(Y, Z).
%! says "{0} is below {1}"
story:below(X, Y) :- story:above(Y, X).
%! says "{0} is left of {1}"
story:left_of(X, Y) :- story:told_left(X, Y).
%! says "{0} is left of {1}"
story:left_of(X, Y) :- story:told_right(Y, X).
%! says "{0} is left of {1}"
story:left_of(X, Z) :- story:left_of(X, Y), story:left_of(Y, Z).
%! says "{0} is left of {1}, being straight above or below what is"
story:left_of(X, Z) :- story:column(X, Y), story:left_of(Y, Z).
%! says "{0} is left of {1}, being left of what is straight above or below it"
story:left_of(X, Z) :- story:left_of(X, Y), story:column(Y, Z).

%! says "{0} is left of {1}"
story:whether_left(X, Y) :- story:left_of(X, Y).
%! says "{0} is right of {1}"
story:whether_right(X, Y) :- story:left_of(Y, X).
story:whether_above(X, Y) :- story:above(X, Y).
story:whether_below(X, Y) :- story:above(Y, X).
%! says "{0} is on the other side of {1}"
story:whether_not_left(X, Y) :- story:left_of(Y, X).
%! says "{0} is straight above or below {1}"
story:whether_not_left(X, Y) :- story:column(X, Y).
%! says "{0} is on the other side of {1}"
story:whether_not_right(X, Y) :- story:left_of(X, Y).
%! says "{0} is straight above or below {1}"
story:whether_not_right(X, Y) :- story:column(X, Y).
%! says "{0} is below {1}"
story:whether_not_above(X, Y) :- story:above(Y, X).
%! says "{0} is beside {1}"
story:whether_not_above(X, Y) :- story:row(X, Y).
%! says "{0} is above {1}"
story:whether_not_below(X, Y) :- story:above(X, Y).
%! says "{0} is beside {1}"
story:whether_not_below(X, Y) :- story:row(X, Y).

% Side by side: what "what is left of it?" asks for.
story:next_left(X, Y) :- story:told_left(X, Y).
story:next_left(X, Y) :- story:told_right(Y, X).
story:next_right(X, Y) :- story:next_left(Y, X).
story:next_above(X, Y) :- story:told_above(X, Y).
story:next_above(X, Y) :- story:told_below(Y, X).
story:next_below(X, Y) :- story:next_above(Y, X).
%! says "{0} is north of {1}"
story:next_north(X, Y) :- story:told_north(X, Y).
%! says "{0} is north of {1}"
story:next_north(X, Y) :- story:told_south(Y, X).
%! says "{0} is south of {1}"
story:next_south(X, Y) :- story:next_north(Y, X).
%! says "{0} is east of {1}"
story:next_east(X, Y) :- story:told_east(X, Y).
%! says "{0} is east of {1}"
story:next_east(X, Y) :- story:told_west(Y, X).
%! says "{0} is west of {1}"
story:next_west(X, Y) :- story:next_east(Y, X).

story:whether_north(X, Y) :- story:next_north(X, Y).
story:whether_north(X, Z) :- story:whether_north(X, Y), story:whether_north(Y, Z).
story:whether_south(X, Y) :- story:whether_north(Y, X).
story:whether_east(X, Y) :- story:next_east(X, Y).
story:whether_east(X, Z) :- story:whether_east(X, Y), story:whether_east(Y, Z).
story:whether_west(X, Y) :- story:whether_east(Y, X).
story:whether_not_north(X, Y) :- story:whether_north(Y, X).
story:whether_not_south(X, Y) :- story:whether_north(X, Y).
story:whether_not_east(X, Y) :- story:whether_east(Y, X).
story:whether_not_west(X, Y) :- story:whether_east(X, Y).

% --- Sizes and the like ------------------------------------------------------------------------------------------------

%! says "{0} is bigger than {1}"
story:whether_bigger(X, Y) :- story:told_bigger(X, Y).
%! says "{0} is bigger than {1}"
story:whether_bigger(X, Y) :- story:told_smaller(Y, X).
%! says "{0} is bigger than {1}, which fits in it"
story:whether_bigger(X, Y) :- story:told_fits(Y, X).
%! says "{0} is bigger than {1}"
story:whether_bigger(X, Z) :- story:whether_bigger(X, Y), story:whether_bigger(Y, Z).
%! says "{0} is smaller than {1}"
story:whether_smaller(X, Y) :- story:whether_bigger(Y, X).
%! says "{0} fits in {1}"
story:whether_fits(X, Y) :- story:told_fits(X, Y).
%! says "{0} fits in {1}, which is bigger"
story:whether_fits(X, Y) :- story:whether_bigger(Y, X).
story:whether_not_bigger(X, Y) :- story:whether_bigger(Y, X).
story:whether_not_smaller(X, Y) :- story:whether_bigger(X, Y).
%! says "{0} does not fit in {1}, being bigger"
story:whether_not_fits(X, Y) :- story:whether_bigger(X, Y).

story:whether_taller(X, Y) :- story:told_taller(X, Y).
story:whether_taller(X, Y) :- story:told_shorter(Y, X).
story:whether_taller(X, Z) :- story:whether_taller(X, Y), story:whether_taller(Y, Z).
story:whether_shorter(X, Y) :- story:whether_taller(Y, X).
story:whether_not_taller(X, Y) :- story:whether_taller(Y, X).
story:whether_not_shorter(X, Y) :- story:whether_taller(X, Y).
story:whether_older(X, Y) :- story:told_older(X, Y).
story:whether_older(X, Y) :- story:told_younger(Y, X).
story:whether_older(X, Z) :- story:whether_older(X, Y), story:whether_older(Y, Z).
story:whether_younger(X, Y) :- story:whether_older(Y, X).
story:whether_not_older(X, Y) :- story:whether_older(Y, X).
story:whether_not_younger(X, Y) :- story:whether_older(X, Y).
story:whether_heavier(X, Y) :- story:told_heavier(X, Y).
story:whether_heavier(X, Y) :- story:told_lighter(Y, X).
story:whether_heavier(X, Z) :- story:whether_heavier(X, Y), story:whether_heavier(Y, Z).
story:whether_lighter(X, Y) :- story:whether_heavier(Y, X).
story:whether_not_heavier(X, Y) :- story:whether_heavier(Y, X).
story:whether_not_lighter(X, Y) :- story:whether_heavier(X, Y).
story:whether_faster(X, Y) :- story:told_faster(X, Y).
story:whether_faster(X, Y) :- story:told_slower(Y, X).
story:whether_faster(X, Z) :- story:whether_faster(X, Y), story:whether_faster(Y, Z).
story:whether_slower(X, Y) :- story:whether_faster(Y, X).
story:whether_not_faster(X, Y) :- story:whether_faster(Y, X).
story:whether_not_slower(X, Y) :- story:whether_faster(X, Y).

% --- Fears ---------------------------------------------------------------------------------------------------------------

%! says "{0} is afraid of {1}"
story:whether_fears(X, Y) :- story:told_fears(X, Y).
%! says "{0} is afraid of {1}, as its kind is"
story:whether_fears(X, Y) :- story:kind(X, Kind), story:told_fears(Kind, Y).
