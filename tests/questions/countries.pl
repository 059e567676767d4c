% A program that nobody described: its relations are called as people call them.
country(france). country(italy). country(spain). country(portugal).
capital(france, paris). capital(italy, rome). capital(spain, madrid). capital(portugal, lisbon).
population(france, 68000000). population(italy, 59000000). population(spain, 48000000). population(portugal, 10000000).
borders(france, spain). borders(spain, france). borders(france, italy). borders(italy, france).
borders(spain, portugal). borders(portugal, spain).
river(rhone, 813, france). river(ebro, 930, spain). river(po, 652, italy). river(tagus, 1007, spain).
official_language(france, french). official_language(italy, italian). official_language(spain, spanish).
area(france, 551500). area(italy, 301340). area(spain, 505990). area(portugal, 92230).
mountain('mont blanc'). mountain(mulhacen). mountain(torre).
height('mont blanc', 4808). height(mulhacen, 3479). height(torre, 1993).
% A relation that rules conclude is asked about like any other.
neighbour_of_neighbour(X, Z) :- borders(X, Y), borders(Y, Z), X \= Z.
alpine(X) :- mountain(X), height(X, H), H > 4000.
