//! The Debian package, made of the program under test and unpacked again.
//!
//! A package that installs a unit whose paths it does not hold, or a binary that does not run, is found out by whoever
//! installs it; here instead.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|why| panic!("{command:?}: {why}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn read(root: &Path, path: &str) -> String {
    fs::read_to_string(root.join(path)).unwrap_or_else(|why| panic!("{path}: {why}"))
}

#[test]
fn what_is_packed_runs_where_it_is_unpacked() {
    if Command::new("dpkg-deb").arg("--version").output().is_err() {
        println!("skipped: dpkg-deb is not here");
        return;
    }
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = tempfile::tempdir().expect("a folder");
    let made = run(Command::new(top.join("crates/quid/package/deb"))
        .args(["--binary", env!("CARGO_BIN_EXE_quid")])
        .arg(folder.path())
        .env("QUID_DEB_COMPRESSION", "none"));
    let package = PathBuf::from(made.trim());
    let field = |name: &str| run(Command::new("dpkg-deb").arg("-f").arg(&package).arg(name)).trim().to_owned();
    assert_eq!(field("Package"), "quid");
    assert_eq!(field("Version"), env!("CARGO_PKG_VERSION"));
    let root = folder.path().join("root");
    run(Command::new("dpkg-deb").arg("-x").arg(&package).arg(&root));
    let control = folder.path().join("control");
    run(Command::new("dpkg-deb").arg("-e").arg(&package).arg(&control));

    // What the unit starts is there and starts.
    let unit = read(&root, "usr/lib/systemd/system/quid.service");
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("a program to start");
    let words: Vec<&str> = start.split(' ').collect();
    assert_eq!(words, ["/usr/bin/quid", "--home", "/var/lib/quid", "serve", "--config", "/etc/quid/quid.toml"]);
    let program = root.join("usr/bin/quid");
    assert!(run(Command::new(&program).arg("--version")).contains(env!("CARGO_PKG_VERSION")));
    assert!(run(Command::new(&program).args(["serve", "--help"])).contains("--config"));

    // The configuration is one that an administrator may change, and the example that the program gives.
    assert_eq!(read(&control, "conffiles").trim(), "/etc/quid/quid.toml");
    assert_eq!(read(&root, "etc/quid/quid.toml"), run(Command::new(&program).args(["irc", "--example-config"])));

    // The sums are those of the files, and every file has one.
    let sums = read(&control, "md5sums");
    run(Command::new("md5sum").args(["--check", "--quiet"]).arg(control.join("md5sums")).current_dir(&root));
    for path in ["usr/share/doc/quid/copyright", "usr/share/doc/quid/changelog.gz", "usr/share/man/man1/quid.1.gz"] {
        assert!(root.join(path).is_file() && sums.contains(path), "{path}");
    }
    for script in ["postinst", "prerm", "postrm"] {
        run(Command::new("sh").arg("-n").arg(control.join(script)));
    }
}
