//! What a line of chat wants, once it is understood.
//!
//! `lang` makes these and never fails (worst case [`Intent::Chatter`]); `mind` acts on them. Names are kept as
//! they were typed; keys are folded where they are looked up.

use crate::Time;

/// A verb between a subject and a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// "is"
    Is,
    /// "are"
    Are,
    /// Any other relation, in its base form of the third person ("likes", "has", "can", "lives in").
    Other(String),
}

/// How a teaching treats what is known already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Manner {
    /// "x is y": refused when x is something else already.
    Plain,
    /// "no, x is y": in the place of what was known.
    Correct,
    /// "x is also y": beside what is known.
    Also,
}

/// Something to be learned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Teaching {
    /// As typed, a leading article dropped ("the sun" -> "sun") and "my x" made "alice's x".
    pub subject: String,
    /// Whether the subject was typed with an article or in the plural, so that it names a class.
    pub generic: bool,
    /// The verb.
    pub verb: Verb,
    /// As typed, tags (`<reply>`) and `|` included.
    pub value: String,
    /// "is not".
    pub negated: bool,
    /// How.
    pub manner: Manner,
    /// The object as a noun phrase without its article when the value is one ("a soda" -> "soda").
    pub object: Option<String>,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// "what is X?", "X?", "where is X?", "tell me about X", or just "X" addressed to the bot.
    What {
        /// X, as typed, fillers and article dropped.
        about: String,
        /// A bare "X" without a question mark or question word: silence is fine when X is unknown small talk.
        bare: bool,
    },
    /// "is X a Y?", "are Xs Ys?", "was X Y?"
    Whether {
        /// X.
        subject: String,
        /// Y, article dropped.
        object: String,
    },
    /// "can X fly?", "does X like Y?"
    WhetherVerb {
        /// X.
        subject: String,
        /// The relation as taught ("can", "likes").
        verb: String,
        /// The rest.
        value: String,
    },
    /// "what does X like?", "who does X know?"
    Objects {
        /// X.
        subject: String,
        /// The relation.
        verb: String,
    },
    /// "who likes X?", "what has wheels?"
    Subjects {
        /// The relation.
        verb: String,
        /// X.
        value: String,
    },
    /// "what kinds of X are there?"
    Kinds(String),
    /// "what are the parts of X?"
    Parts(String),
    /// "what is X a part of?"
    Wholes(String),
    /// "another word for X"
    Synonyms(String),
    /// "opposite of X"
    Opposites(String),
    /// "what do X and Y have in common?"
    Common(String, String),
    /// "what do you call somebody who studies stars?": the word for a description.
    Called(String),
    /// "king is to man as what is to woman?"
    Analogy {
        /// King.
        one: String,
        /// Man.
        to: String,
        /// Woman.
        other: String,
    },
    /// "who is she?": no referent in the line itself.
    Pronoun(String),
    /// "what is ?": nothing was named.
    Nothing,
}

/// What a command points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A name.
    Named(String),
    /// "foo #2": one value of a name, from 1.
    Nth(String, usize),
    /// "foo is not bar anymore": the value of a name that says this.
    Valued {
        /// Of what.
        name: String,
        /// The verb.
        verb: Verb,
        /// As typed.
        value: String,
    },
    /// "that": the last factoid used or taught in this conversation.
    That,
}

/// A question about a fact rather than about the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// "who told you that?", "how do you know …?"
    Who,
    /// "when did you learn that?"
    When,
    /// "what was that?"
    What,
}

/// What a line wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Intent {
    /// Learn this.
    Teach(Teaching),
    /// "it is raining": a subject that names nothing.
    TeachVague(String),
    /// A teaching with an empty side (" is bar", "foo is <reply>"); which part is missing, a phrase key.
    TeachEmpty(&'static str),
    /// Overheard, possibly worth keeping: only in passive mode, only into quarantine.
    Overheard(Teaching),
    /// "foo is the same as bar"
    Alias {
        /// The new name.
        from: String,
        /// What it stands for.
        to: String,
    },
    /// Answer this.
    Ask(Question),
    /// "why?", "/why"
    Why(Option<Question>),
    /// "why not?"
    WhyNot,
    /// "/source": the sources of the last answer.
    Sources,
    /// A question about a fact.
    Provenance {
        /// Of which.
        of: Target,
        /// What about it.
        about: About,
    },
    /// "what did you think foo was on 2026-05-01?", "… last tuesday", already resolved to a moment.
    AsOf {
        /// The name.
        of: String,
        /// Believed at this moment.
        at: Time,
    },
    /// "history of foo"
    History(Target),
    /// "forget foo", "foo is not bar anymore"
    Forget(Target),
    /// "unforget foo"
    Unforget(String),
    /// "undo", "undo 3"
    Undo(u32),
    /// "undo what NICK taught in the last hour", "revert NICK 1h"
    Revert {
        /// Whose changes.
        who: String,
        /// From this moment on; `None` for all.
        since: Option<Time>,
    },
    /// "foo =~ s/a/b/g"
    Substitute {
        /// The name.
        of: String,
        /// Literal text.
        from: String,
        /// Literal text.
        to: String,
        /// Every occurrence.
        all: bool,
    },
    /// A malformed substitution; what is wrong, a phrase key.
    BadSubstitute(&'static str),
    /// "rename 'foo' 'bar'"
    Rename {
        /// Old name.
        from: String,
        /// New name.
        to: String,
    },
    /// "literal foo"
    Literal(String),
    /// "factinfo foo"
    FactInfo(String),
    /// "lock foo"
    Lock(String),
    /// "unlock foo"
    Unlock(String),
    /// "confirm foo": a quarantined statement becomes a fact.
    Confirm(String),
    /// "quarantine": lists what was overheard and is not confirmed.
    Quarantine,
    /// "foo++", "foo--", "(foo bar)++"
    Karma {
        /// What.
        of: String,
        /// +1 or -1.
        by: i64,
    },
    /// "karma foo"
    KarmaOf(String),
    /// "seen alice?"
    Seen(String),
    /// "tell bob about foo", "tell us about foo"
    Tell {
        /// As typed; "me" and "us" stay.
        whom: String,
        /// What about.
        about: String,
    },
    /// "listkeys foo"
    ListKeys(String),
    /// "listvalues foo"
    ListValues(String),
    /// "listauth alice"
    ListAuthor(String),
    /// "search foo"
    Search(String),
    /// "most popular"
    Popular,
    /// "more": the rest of a long list.
    More,
    /// "ignore bob", "unignore bob"
    Ignore {
        /// Whom.
        who: String,
        /// False to hear them again.
        on: bool,
    },
    /// "set learn voiced"; both empty to be told how things are set.
    Set {
        /// Which setting.
        name: String,
        /// To what.
        value: String,
    },
    /// "reload": the door reads its configuration again.
    Reload,
    /// "shut up"
    Quiet,
    /// "come back"
    Wake,
    /// "sparql SELECT …"
    Sparql(String),
    /// "help", "help teach"
    Help(String),
    /// "yes"/"no" to the bot's own question, and other words that depend on what was said before.
    Affirm(bool),
    /// "no, I meant X", "the other one": another reading of the last question.
    OtherReading(Option<String>),
    /// "hello"
    Greeting,
    /// "thanks", "botsnack"; a phrase key.
    SmallTalk(&'static str),
    /// Only the bot's name, or an empty line to the bot.
    Called,
    /// To the bot, but not understood.
    Puzzled,
    /// Not for the bot.
    Chatter,
}
