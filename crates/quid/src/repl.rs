//! The chat at a terminal: a prompt, an answer, a prompt.
//!
//! One thread reads and prints in turn, so nothing is ever printed over the line being typed; Ctrl-C reaches a
//! running answer through the stop flag and an unfinished line through the editor.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use quid_core::{Audience, Place, Recall, Speaker};
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{ColorMode, CompletionType, Config, Editor};

use crate::door::{self, Door};
use crate::home::Home;
use crate::last::LastQuestion;
use crate::outcome::Outcome;
use crate::output::Output;
use crate::prompt::{Helper, Prompt};

/// How many typed lines are remembered.
const REMEMBERED: usize = 10_000;

/// What the prompt needs of the house.
pub struct Parts<'a> {
    /// Where the typed lines are kept.
    pub home: &'a Home,
    /// Known names, for completion.
    pub recall: Arc<dyn Recall>,
    /// Who types.
    pub speaker: Speaker,
    /// Remembers the last question for `quid why`.
    pub last: &'a LastQuestion,
    /// The prompt's own words.
    pub words: Prompt,
}

/// Talks until Ctrl-D or a word that leaves.
///
/// # Errors
/// When the terminal fails.
pub fn run(parts: Parts<'_>, output: &mut Output, door: &mut Door) -> Result<Outcome> {
    let config = Config::builder()
        .max_history_size(REMEMBERED)
        .and_then(|builder| builder.history_ignore_dups(true))
        .context("cannot set up the prompt")?
        .history_ignore_space(true)
        .completion_type(CompletionType::List)
        .color_mode(if output.is_coloured() { ColorMode::Enabled } else { ColorMode::Disabled })
        .build();
    let mut editor: Editor<Helper, FileHistory> = Editor::with_config(config).context("cannot use this terminal")?;
    let audience = Audience { name: parts.speaker.name().to_owned(), place: Place::Global };
    editor.set_helper(Some(Helper::new(parts.words.clone(), parts.recall, audience, output.is_coloured())));
    let typed = parts.home.typed();
    if typed.exists()
        && let Err(error) = editor.load_history(&typed)
    {
        tracing::warn!("the typed lines in {} cannot be read: {error}", typed.display());
    }
    loop {
        match editor.readline("> ") {
            Ok(line) => {
                let line = line.trim();
                if line.is_empty() {
                    continue;
                }
                keep(&mut editor, line, &typed);
                if parts.words.leaves(line) {
                    break;
                }
                let heard = door::typed(&parts.speaker, line);
                let reply = door.hear(&heard);
                parts.last.note(&heard, &reply);
                output.reply(&reply)?;
            }
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(error).context("cannot read from the terminal"),
        }
    }
    Ok(Outcome::Answered)
}

/// Remembers a typed line at once, so that a killed terminal loses none; failing to is no reason to stop.
fn keep(editor: &mut Editor<Helper, FileHistory>, line: &str, typed: &std::path::Path) {
    let kept = editor.add_history_entry(line).and_then(|new| if new { editor.append_history(typed) } else { Ok(()) });
    if let Err(error) = kept {
        tracing::warn!("the typed line cannot be kept in {}: {error}", typed.display());
    }
}

/// What a person sees first: what this is, what is loaded, and the way out. Talk goes to the error stream.
pub fn greet(me: &str, notices: &[String]) {
    let mut out = std::io::stderr();
    if !out.is_terminal() {
        return;
    }
    let version = env!("CARGO_PKG_VERSION");
    // Nobody may be reading the error stream; that is no reason not to chat.
    let _ = writeln!(out, "{me} {version}: teach me, ask me, ask me why. /help helps, Ctrl-D leaves.");
    for notice in notices {
        let _ = writeln!(out, "{notice}");
    }
}
