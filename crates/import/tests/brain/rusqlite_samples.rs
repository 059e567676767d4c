//! Small SQLite brains, made as the bots' own programs make them.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

/// pbot: channel and keyword are the two indexes.
pub const PBOT: &str = r#"
CREATE TABLE Factoids (index1 TEXT COLLATE NOCASE, index2 TEXT COLLATE NOCASE, "action" TEXT, "created_on" NUMERIC,
    "owner" TEXT, "ref_count" INTEGER, "type" TEXT);
CREATE INDEX idx1 ON Factoids (index1, index2);
INSERT INTO Factoids VALUES ('#ubuntu', '_name', '#Ubuntu', NULL, NULL, NULL, NULL);
INSERT INTO Factoids VALUES ('#ubuntu', 'sudo', '/say $nick, make your own sandwich!', 1277372207.45751, 'ann!a@b', 39, 'text');
INSERT INTO Factoids VALUES ('.*', 'bfs', 'Breadth First Search (or | so)', 1277372207, 'bob', 0, 'text');
INSERT INTO Factoids VALUES ('global', 'alias', '/call bfs', NULL, NULL, 0, 'text');
INSERT INTO Factoids VALUES ('.*', 'run', '/code perl system(1)', NULL, 'eve', 2, 'text');
"#;

/// Limnoria's Factoids: keys and facts, many to many.
pub const LIMNORIA: &str = "
CREATE TABLE keys (id INTEGER PRIMARY KEY, key TEXT UNIQUE ON CONFLICT REPLACE);
CREATE TABLE factoids (id INTEGER PRIMARY KEY, added_by TEXT, added_at TIMESTAMP, fact TEXT UNIQUE ON CONFLICT REPLACE,
    locked BOOLEAN);
CREATE TABLE relations (id INTEGER PRIMARY KEY, key_id INTEGER, fact_id INTEGER, usage_count INTEGER);
INSERT INTO keys VALUES (1, 'tea'), (2, 'chai');
INSERT INTO factoids VALUES (1, 'ann', 1234567890, 'a drink', 0);
INSERT INTO relations VALUES (1, 1, 1, 4), (2, 2, 1, 0), (3, 9, 9, 0);
";

/// Limnoria's MoobotFactoids.
pub const MOOBOT: &str = "
CREATE TABLE factoids (key TEXT PRIMARY KEY, created_by INTEGER, created_at TIMESTAMP, modified_by INTEGER,
    modified_at TIMESTAMP, locked_at TIMESTAMP, locked_by INTEGER, last_requested_by TEXT, last_requested_at TIMESTAMP,
    fact TEXT, requested_count INTEGER);
INSERT INTO factoids VALUES ('tea', 3, 1234567890, NULL, NULL, NULL, NULL, NULL, NULL, '<reply>(hot|cold)', 5);
";

/// Makes the file.
pub fn make(folder: &Path, sql: &str) -> PathBuf {
    let path = folder.join("brain.sqlite3");
    Connection::open(&path).and_then(|file| file.execute_batch(sql)).expect("the sample is sound");
    path
}
