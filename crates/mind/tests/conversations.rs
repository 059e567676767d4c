//! Whole conversations against in-memory keepers: line by line, who says what where, and what comes back.

mod double;

use double::check;

#[test]
fn teaching() {
    check(
        "# plain, already, but
         alice> foo is bar => done*: 
         alice> foo is bar => done!: already
         bob> foo is baz => error!: but foo is bar
         carol> foo? => told: foo is bar
         # articles and spaces
         alice> the sun is a star => done*:
         bob> what is the sun? => told: sun is a star
         alice>    tea    pot   is     blue     => done*:
         bob> tea pot? => told: tea pot is blue
         # the other separator
         alice> a is b =is= c => done*:
         bob> what is a is b? => told: a is b is c
         # possessives are told to whom they belong to
         alice> my favourite editor is vi => done*:
         bob> what is alice's favourite editor? => told: vi
         alice> what is my favourite editor? => told: your favourite editor is vi
         alice> you are a bot => done*:
         bob> what are you? => told: I am a bot
         # nothing to learn
         alice>  is bar => error!:
         alice> foo is <reply> => error!:
         alice> it is raining => error!:
         bob> foo? => unknown!:
         # a correction of nothing simply learns
         alice> no, brandnew is something => done*:
         bob> brandnew? => told: something
         # denial, and a contradiction told at once with both sources
         alice> foo is bar => done*:
         bob> foo is not bar => done*: contradiction && alice && bob
         carol> is foo bar? => told: alice && bob && cannot both
         # another name
         alice> rust is a language => done*:
         alice> ferris is the same as rust => done*:
         bob> ferris? => told: rust is a language
         alice> one is the same as nosuch => error!: nosuch
         alice> rust is the same as ferris => error!:
         # denied in so many words, and yet it follows
         alice> pepsi is a soda => done*:
         alice> soda is a drink => done*:
         bob> pepsi is not a drink => done*: contradiction
         carol> is pepsi a drink? => told: cannot both && bob && soda is a drink
         alice> mars is not a drink => done*:
         carol> is mars a drink? => proved: no && mars is not a drink
         carol> why not? => proved: mars is not a drink
         # who we are, unless somebody taught it
         bob> who am i? => chat: bob
         # the exception beats what is said of the wider class, whichever was taught first
         alice> tweety is a penguin => done*:
         alice> opus is a duck => done*:
         alice> penguins cannot fly => done*:
         alice> a penguin is a bird => done*:
         alice> a duck is a bird => done*:
         alice> birds can fly => done*:
         bob> can tweety fly? => proved: no && penguins cannot fly
         bob> can opus fly? => proved: yes && birds can fly
         # a verb
         alice> alice likes tea => done*:
         alice> alice likes coffee => done*:
         alice> alice likes tea => done!: already
         # another's language is no code
         alice> \" } ; DELETE WHERE { ?s ?p ?o } # is y => done*:
         alice> <http://evil/> is bad => done*:
         bob> <http://evil/>? => told: bad",
    );
}

#[test]
fn correcting() {
    check(
        "# a correction replaces
         alice> foo is bar => done*:
         bob> no, foo is baz => done*:
         carol> foo? => told: foo is baz && !bar
         -bob> no, foo is spam => silent!:
         -bob> no, quid, foo is qux => done*:
         carol> foo? => told: foo is qux
         # a part
         alice> foo is a/b => done*:
         bob> foo =~ s#a/b#c/d# => done*:
         carol> foo? => told: c/d
         bob> foo =~ s/zzz/q/ => error!: contain
         bob> foo =~ s#c/d## => error!: forget
         bob> nosuch =~ s/a/b/ => error!: know
         bob> foo =~ s/c/d/e/ => error!:
         # literal text, no pattern
         alice> foo is a.c => done*:
         bob> foo =~ s/./X/ => done*:
         carol> foo? => told: aXc
         # every one
         alice> foo is a-a-a => done*:
         bob> foo =~ s/a/b/g => done*:
         carol> foo? => told: b-b-b
         # beside
         alice> css is Cascading Style Sheets => done*:
         bob> css is also cross-site scripting => done*:
         carol> what is css? => told: 1: css is cascading && 2: css is cross-site && ! or 
         bob> literal css => told: 1: cascading && 2: cross-site
         # another alternative
         alice> foo is bar => done*:
         bob> foo is also |baz => done*:
         carol> foo? => told: !|
         # beside, through a redirect
         alice> foo is <reply>see bar => done*:
         alice> bar is one => done*:
         bob> foo is also two => done*:
         carol> bar? => told: one && two",
    );
}

#[test]
fn limits() {
    let long = "y".repeat(2000);
    check(&format!(
        "# a long value
         alice> foo is {long} => error!: 400
         bob> foo? => unknown!:
         alice> foo is bar => done*:
         bob> foo is also {long} => error!: 400
         carol> foo? => told: foo is bar
         alice> {long} is foo => error!: 120"
    ));
    let longest = "x".repeat(70_000);
    check(&format!(
        "# a line of 70 kB
         alice> {longest} => error!: 65536
         -alice> {longest} => silent!:"
    ));
}

#[test]
fn forgetting() {
    check(
        "# forget and bring back
         alice> Foo Bar is baz => done*:
         alice> forget FOO   bar => done!: forgot
         bob> foo bar? => unknown!:
         alice> unforget foo bar => done*: restored
         bob> foo bar? => told: Foo Bar is baz
         # nothing is overwritten
         alice> foo is bar => done*:
         alice> forget foo => done!: forgot
         alice> foo is new => done*:
         alice> unforget foo => error!: exists
         bob> foo? => told: foo is new
         # not for the bot
         alice> foo is bar => done*:
         -bob> forget foo => silent!:
         carol> foo? => told: foo is bar
         # one of two
         alice> foo is bar => done*:
         alice> foo is also baz => done*:
         alice> forget foo #3 => error!: 2
         alice> forget foo #2 => done!: forgot
         bob> literal foo => told: bar && !baz
         # that
         alice> foo is bar => done*:
         alice> what was that? => told: foo is bar && alice
         alice> forget that => done!: forgot foo
         bob> foo? => unknown!:
         bob> forget nosuch => error!: know
         # rename
         alice> foo is bar => done*:
         alice> rename 'foo' 'quux' => done*:
         bob> quux? => told: quux is bar
         bob> foo? => unknown!:
         bob> who told you that? => told: alice
         alice> undo => done!:
         bob> foo? => told: foo is bar
         # history
         alice> foo is bar => done*:
         bob> no, foo is baz => done*:
         alice> forget foo => done!:
         alice> history foo => told: alice taught && bob changed && alice deleted && 2 Jan 2026",
    );
}

#[test]
fn undoing() {
    check(
        "# one's own only
         alice> foo is bar => done*:
         bob> undo => error!: alice
         carol> foo? => told: foo is bar
         op> undo => done!: foo is bar
         carol> foo? => unknown!:
         # several steps
         alice> a is one => done*:
         alice> b is two => done*:
         alice> no, b is three => done*:
         alice> undo 2 => done!:
         bob> b? => unknown!:
         bob> a? => told: a is one
         alice> undo => done!: a is one
         bob> a? => unknown!:
         # undoing an undoing
         alice> foo is bar => done*:
         alice> undo => done!:
         bob> foo? => unknown!:
         alice> undo => done!:
         bob> foo? => told: foo is bar
         # a forgetting
         alice> foo is bar => done*:
         alice> forget foo => done!:
         alice> undo => done!:
         bob> foo? => told: foo is bar
         # what was changed again since is left alone
         alice> foo is bar => done*:
         bob> no, foo is baz => done*:
         alice> undo => error!: changed again
         carol> foo? => told: foo is baz
         # revert is for operators
         bob> foo is spam => done*:
         bob> baz is spam => done*:
         alice> tea is good => done*:
         alice> revert bob 1h => error!: operator
         op> revert bob 1h => done!: 2 && foo is spam && baz is spam
         carol> foo? => unknown!:
         carol> tea? => told: tea is good
         # only the last hour
         bob> old is spam => done*:
         +7200
         bob> new is spam => done*:
         op> revert bob 1h => done!: bob did (1)
         carol> old? => told: old is spam
         # a locked thing stays
         bob> foo is bar => done*:
         op> lock foo => done!:
         bob> undo => error!: locked
         carol> foo? => told: foo is bar
         # karma
         -alice> rust++ => silent!:
         -bob> rust++ => silent!:
         alice> undo => done!:
         carol> karma rust => chat: 1",
    );
}

#[test]
fn values() {
    check(
        "# literal
         alice> foo is <reply>hi $who => done*:
         bob> literal foo => told: <reply>hi $who
         bob> foo? => told: hi bob
         # tags
         alice> dance is <ACTION>  dances => done*:
         bob> dance => told: \\x01ACTION dances\\x01
         alice> x is <unknown>foo => done*:
         bob> x? => told: x is <unknown>foo
         alice> price is $5 and $notavar => done*:
         bob> price? => told: price is $5 and $notavar
         alice> greet is <reply>hello $nick in $channel => done*:
         bob> greet? => told: hello bob in #test
         # nothing but an action leaves as CTCP
         alice> foo is <reply>\\x01VERSION\\x01 => done*:
         bob> foo? => told: VERSION && !\\x01
         # one line
         alice> foo is <reply>a\\rPRIVMSG #x :b => done*:
         bob> foo? => told: a PRIVMSG
         # redirects
         alice> js is <reply>see javascript => done*:
         alice> javascript is a language => done*:
         bob> js? => told: javascript is a language
         alice> a is <reply>see b => done*:
         alice> b is <reply>see a => done*:
         bob> a? => error!: a
         # arguments
         alice> foo $arg is baz $1 => done*:
         alice> foo a is exact => done*:
         bob> foo a? => told: exact
         bob> foo q? => told: baz q
         # broken
         alice> broken is <reply>(a|b => done*:
         bob> broken? => told: (a
         # other bots' commands
         alice> foo is <reply>!kick bob => done*:
         bob> foo? => told: kick bob",
    );
}

#[test]
fn unknown_and_near() {
    check(
        "# did you mean
         alice> rust is a systems language => done*:
         bob> what is rsut? => unknown!: rust && !systems
         bob> yes => told: rust is a systems language
         bob> what is zorkmid? => unknown!: zorkmid
         bob> what is ? => chat!:
         alice> who is she? => chat!: she
         bob> xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx xx xx x x x x x => chat!: understand",
    );
}

#[test]
fn why_and_when() {
    check(
        "# who and when
         alice> rust is a language => done*:
         bob> rust? => told: rust
         bob> why? => told: alice told me && rust is a language
         bob> who told you that? => told: alice && #test
         bob> when did you learn that? => told: 2 Jan 2026
         bob> how do you know what rust is? => told: alice && 2 Jan 2026 && #test
         carol> why? => chat!:
         # stored facts prove
         alice> foo is not bar => done*:
         bob> is foo bar? => proved!: no
         bob> is foo baz? => unknown!:
         # the past
         alice> foo is bar => done*:
         +864000
         bob> no, foo is baz => done*:
         bob> what did you think foo was on 2026-01-05? => told: foo is bar && !baz
         bob> what did you think foo was on 2025-01-05? => unknown!:",
    );
}

#[test]
fn places() {
    check(
        "# each channel has its own
         alice> foo is one => done*:
         bob #b> foo is two => done*:
         carol> foo? => told: foo is one && !two
         carol #b> foo? => told: foo is two && !one
         carol #c> foo? => told: foo is one && foo is two && #b
         # global
         op global> foo is global => done*:
         bob #b> foo? => told: foo is global
         # private stays private
         alice private> secret is 1234 => done*:
         bob> secret? => unknown!: !1234
         bob private> secret? => unknown!: !1234
         alice> secret? => unknown!: !1234
         alice private> secret? => told: 1234
         bob> search 1234 => unknown!: !secret
         bob> listkeys secret => unknown!:
         bob> history secret => unknown!:
         alice> history secret => unknown!:
         alice> undo => error!: !1234
         alice> what did you think secret was on 2027-01-01? => unknown!: !1234
         alice private> tell bob about secret => unknown!: !1234
         bob> factinfo secret => unknown!: !alice
         # a private lock binds nobody else
         alice private> foo is mine => done*:
         alice private> lock foo => done!:
         bob> foo is ours => done*:",
    );
}

#[test]
fn silence() {
    check(
        "# unaddressed, ignored, the bot itself
         -alice> rust is a language => silent!:
         -alice> rust? => silent!:
         quid> foo is bar => silent!:
         spammer> foo is bar => silent!:
         bob> foo? => unknown!:
         # quiet
         alice> shut up => done!:
         bob> what is up? => silent!:
         bob #b> hello => chat!:
         alice> come back => done!:
         bob> hello => chat!:
         # ignore
         bob> ignore alice => error!: operator
         op> ignore bob => done!:
         bob> hello => silent!:
         op> unignore bob => done!:
         bob> hello => chat!:
         # called
         -bob> quid? => chat!: bob
         bob>  => chat!: bob",
    );
}

#[test]
fn rights() {
    check(
        "# locks hold
         alice> foo is bar => done*:
         bob> lock foo => error!:
         op> lock foo => done!:
         op> lock foo => error!: already
         bob> no, foo is spam => error!: locked
         bob> foo is also x => error!: locked
         bob> foo =~ s/bar/x/ => error!: locked
         bob> forget foo => error!: locked
         bob> rename 'foo' 'baz' => error!: locked
         alice> undo => error!: locked
         carol> foo? => told: foo is bar
         alice> unlock foo => error!:
         op> unlock foo => done!:
         op> unlock foo => error!: not locked
         bob> no, foo is fine => done*:
         # an author locks
         alice> foo is bar => done*:
         alice> lock foo => done!:
         bob> forget foo => error!: locked
         alice> unlock foo => done!:
         # who may teach
         bob> set learn voiced => error!: operator
         op> set learn voiced => done!:
         bob> foo is bar => error!: voiced
         op> foo is bar => done*:
         op> set learn everyone => done!:
         op> set colour red => error!: learn
         op> set learn maybe => error!: trusted
         # who may correct, and what becomes of the rest
         alice> foo is bar => done*:
         op> set correct trusted => done!:
         bob> no, foo is baz => done*: proposal
         carol> foo? => told: foo is bar && !baz
         bob> forget foo => error!: trusted
         op> quarantine => chat!: foo is baz",
    );
}

#[test]
fn passive() {
    check(
        "# kept apart until confirmed
         ~alice> tcpa is the Trusted Computing Platform Alliance => silent*:
         ~carol> tcpa is the Trusted Computing Platform Alliance => silent!:
         bob> what is tcpa? => unknown!: !alliance
         bob> search alliance => unknown!:
         bob> quarantine => chat!: tcpa && alice
         alice> confirm tcpa => error!:
         bob> confirm tcpa => done*: tcpa
         bob> what is tcpa? => told: alliance
         bob> quarantine => chat!: !tcpa
         bob> undo => done!:
         bob> what is tcpa? => unknown!:
         bob> quarantine => chat!: tcpa
         # rubbish
         ~alice> it is raining => silent!:
         ~alice> this is fun => silent!:
         ~alice> where is everyone => silent!:
         ~alice> bob: rust is slow => silent!:",
    );
}

#[test]
fn people() {
    check(
        "# karma
         -alice> (foo bar)++ => silent!:
         -alice> i like c++ => silent!:
         bob> karma foo bar => chat!: 1
         bob> karma c => chat!: 0
         alice private> rust++ => error!: channel
         -alice> alice++ => silent!:
         bob> karma alice => chat!: 0
         # seen
         -alice> hello all => silent!:
         bob> seen alice? => chat!: alice && ago
         bob> seen bob? => chat!: you
         bob> seen nobody? => unknown!: nobody
         # tell
         alice> foo is bar => done*:
         alice> tell us about foo => told: foo is bar
         alice> tell #other about foo => error!: won't
         alice> tell quid about foo => error!: myself
         alice> tell a,b,c about foo => error!: one
         alice> tell bob about nosuch => unknown!:
         alice> tell bob about foo => told: alice && foo is bar
         alice> tell bob about foo => error!: wait
         +3600
         bob> ignore tells => done!:
         alice> tell bob about foo => error!: does not want
         bob> unignore tells => done!:
         alice> tell bob about foo => told: foo is bar
         # what is said of a person, that person may lock
         bob> alice is a fool => done*:
         alice> lock alice => done!:
         bob> alice is also a liar => error!: locked
         # an author takes a channel's fact back from elsewhere, and the channel sees it
         alice> foo is bar => done*:
         bob private> forget foo => error!: alice
         alice private> forget foo => done!: forgot
         bob> foo? => unknown!:
         bob> history foo => told: deleted",
    );
}

#[test]
fn looking_through() {
    check(
        "# about a factoid
         alice> foo is bar => done*:
         bob> factinfo foo => told: alice && never
         carol> foo? => told: bar
         bob> factinfo foo => told: once && carol
         bob> factinfo nosuch => unknown!: no such
         bob> most popular => chat!: foo (1)
         # lists
         alice> libfoo is x => done*:
         alice> libbar is the answer => done*:
         bob> listkeys lib => chat!: libbar; libfoo
         bob> listvalues answer => chat!: libbar
         bob> listauth alice => chat!: libbar && libfoo
         bob> listauth nobody => unknown!: nobody
         bob> search libfoo => chat!: libfoo is x
         bob> search zzz => unknown!: zzz
         bob> more => chat!:
         # queries
         alice> foo is bar => done*:
         bob> sparql DELETE WHERE { ?s ?p ?o } => error!: SELECT
         bob> sparql SELECT ?s ?o { ?s ?p ?o } => chat!: s && |
         bob> help => chat!: teach
         bob> help teach => chat!: is also
         bob> help nosuch => chat!: nosuch",
    );
}
