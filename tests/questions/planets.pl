% The bodies of the solar system, as a program of plain facts: planets.ttl says which words go with its relations.

planet(mercury).
planet(venus).
planet(earth).
planet(mars).
planet(jupiter).
planet(saturn).
planet(uranus).
planet(neptune).
dwarf_planet(pluto).
dwarf_planet(ceres).
dwarf_planet(eris).
ringed_planet(jupiter).
ringed_planet(saturn).
ringed_planet(uranus).
ringed_planet(neptune).
moon(luna).
moon(phobos).
moon(deimos).
moon(io).
moon(europa).
moon(ganymede).
moon(callisto).
moon(titan).
moon(rhea).
moon(enceladus).
moon(titania).
moon(oberon).
moon(triton).
moon(charon).
diameter(mercury, 4879).
distance(mercury, 57.9).
day_length(mercury, 4222.6).
diameter(venus, 12104).
distance(venus, 108.2).
day_length(venus, 2802).
diameter(earth, 12756).
distance(earth, 149.6).
day_length(earth, 24).
diameter(mars, 6792).
distance(mars, 228).
day_length(mars, 24.7).
diameter(jupiter, 142984).
distance(jupiter, 778.5).
day_length(jupiter, 9.9).
diameter(saturn, 120536).
distance(saturn, 1432).
day_length(saturn, 10.7).
diameter(uranus, 51118).
distance(uranus, 2867).
day_length(uranus, 17.2).
diameter(neptune, 49528).
distance(neptune, 4515).
day_length(neptune, 16.1).
diameter(pluto, 2376).
diameter(ceres, 939).
diameter(eris, 2326).
diameter(luna, 3475).
orbits(luna, earth).
diameter(phobos, 22).
orbits(phobos, mars).
diameter(deimos, 12).
orbits(deimos, mars).
diameter(io, 3643).
orbits(io, jupiter).
diameter(europa, 3122).
orbits(europa, jupiter).
diameter(ganymede, 5268).
orbits(ganymede, jupiter).
diameter(callisto, 4821).
orbits(callisto, jupiter).
diameter(titan, 5149).
orbits(titan, saturn).
diameter(rhea, 1527).
orbits(rhea, saturn).
diameter(enceladus, 504).
orbits(enceladus, saturn).
diameter(titania, 1577).
orbits(titania, uranus).
diameter(oberon, 1523).
orbits(oberon, uranus).
diameter(triton, 2707).
orbits(triton, neptune).
diameter(charon, 1212).
orbits(charon, pluto).
astronomer('galileo galilei').
discovered('galileo galilei', io).
discovered('galileo galilei', europa).
discovered('galileo galilei', ganymede).
discovered('galileo galilei', callisto).
astronomer('christiaan huygens').
discovered('christiaan huygens', titan).
astronomer('giovanni cassini').
discovered('giovanni cassini', rhea).
astronomer('william herschel').
discovered('william herschel', titania).
discovered('william herschel', oberon).
discovered('william herschel', enceladus).
discovered('william herschel', uranus).
astronomer('asaph hall').
discovered('asaph hall', phobos).
discovered('asaph hall', deimos).
astronomer('william lassell').
discovered('william lassell', triton).
probe('voyager 1').
launch_year('voyager 1', 1977).
visited('voyager 1', jupiter).
visited('voyager 1', saturn).
probe('voyager 2').
launch_year('voyager 2', 1977).
visited('voyager 2', jupiter).
visited('voyager 2', saturn).
visited('voyager 2', uranus).
visited('voyager 2', neptune).
probe('mariner 10').
launch_year('mariner 10', 1973).
visited('mariner 10', mercury).
visited('mariner 10', venus).
probe('viking 1').
launch_year('viking 1', 1975).
visited('viking 1', mars).
probe('new horizons').
launch_year('new horizons', 2006).
visited('new horizons', jupiter).
visited('new horizons', pluto).
probe(curiosity).
launch_year(curiosity, 2011).
visited(curiosity, mars).
probe(messenger).
launch_year(messenger, 2004).
visited(messenger, mercury).
