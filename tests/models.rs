//! Language models on the command line: taken in, checked, chosen, and what they cost.

#[path = "support.rs"]
mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{run, text};

fn json(home: &Path, arguments: &[&str]) -> Value {
    let done = run(home, &[arguments, &["--json"]].concat(), b"");
    let shown = text(&done);
    serde_json::from_str(&shown).unwrap_or_else(|why| panic!("{arguments:?}: {why}: {shown}"))
}

#[test]
fn what_a_model_costs_is_explained_and_drawn() {
    let home = tempfile::tempdir().unwrap();
    let found = json(home.path(), &["flops", "llama-3.1-8b", "--prompt", "1000", "--generated", "1"]);
    // 2·(N − V·d)·S + 2·V·d + 2·L·A·S·(S+1)
    let (n, head, s) = (7_504_658_432_u64, 525_336_576, 1000);
    assert_eq!(found["multiplied"], n);
    assert_eq!(found["flops"], 2 * (n - head) * s + 2 * head + 2 * 32 * 4096 * s * (s + 1));
    let picture = home.path().join("cost.svg");
    let done = run(home.path(), &["flops", "gpt-3-175b", "--plot", picture.to_str().unwrap()], b"");
    assert!(done.status.success());
    assert!(text(&done).contains("2·N + 4·L·A·t"), "{}", text(&done));
    let drawn = fs::read_to_string(picture).unwrap();
    assert!(drawn.starts_with("<svg") && drawn.trim_end().ends_with("</svg>") && drawn.contains("gpt-3-175b"));
    assert!(text(&run(home.path(), &["flops", "--known"], b"")).contains("smollm2-135m"));
    assert_eq!(run(home.path(), &["flops"], b"").status.code(), Some(2), "none is in use");
    assert_eq!(run(home.path(), &["flops", "no-such-model"], b"").status.code(), Some(2));
}

#[test]
fn what_is_no_model_is_not_taken_and_the_rest_goes_on() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(text(&run(home.path(), &["model", "list"], b"")), "", "there is none");
    let file = home.path().join("letter.gguf");
    fs::write(&file, "GGUF, dear friend, is not what this is").unwrap();
    for arguments in [
        &["model", "add", file.to_str().unwrap()][..],
        &["model", "check", file.to_str().unwrap()],
        &["model", "use", "letter.gguf"],
        &["model", "check", "letter.gguf"],
        &["model", "check"],
    ] {
        let done = run(home.path(), arguments, b"");
        assert_eq!(done.status.code(), Some(2), "{arguments:?}");
        let told = String::from_utf8_lossy(&done.stderr);
        assert!(told.starts_with("error: ") && !told.contains("panicked"), "{arguments:?}: {told}");
    }
    // A damaged one that came here in another way is listed with its problem, and the bot answers on.
    fs::create_dir_all(home.path().join("models")).unwrap();
    fs::copy(&file, home.path().join("models/letter.gguf")).unwrap();
    fs::write(home.path().join("models/in-use"), "letter.gguf\n").unwrap();
    let listed = text(&run(home.path(), &["model", "list"], b""));
    assert!(listed.starts_with("* letter.gguf") && listed.contains("cannot be used"), "{listed}");
    assert!(run(home.path(), &["learn", "tea is hot"], b"").status.success());
    assert!(text(&run(home.path(), &["ask", "what is tea?"], b"")).contains("hot"));
    assert!(run(home.path(), &["model", "use", "--none"], b"").status.success());
}

#[test]
fn a_real_model_is_checked_and_what_it_says_is_called_a_guess() {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/weights/stories260K/stories260K.bin");
    if !model.exists() {
        println!("skipped: {} is not here", model.display());
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let path = model.to_str().unwrap();
    let found = json(home.path(), &["model", "check", path, "--exact", "--say", "Once upon a time", "--tokens", "20"]);
    assert_eq!(found["family"], "llama");
    assert_eq!(found["written"], 20);
    assert!(found["guess"].as_str().unwrap().starts_with(", there was a little girl named"), "{found}");
    assert!(found["device"].as_str().unwrap().starts_with("neural device: "), "{found}");
    assert!(found["flops"].as_u64().unwrap() > 0);
}
