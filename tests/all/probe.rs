//! `PROBE=file.sql cargo test probe -- --nocapture`: statements of one's own, one a line, and what they answer.

use crate::client::{Answer, Client, TestServer};

#[test]
#[allow(clippy::print_stdout)]
fn probe() {
    let Ok(path) = std::env::var("PROBE") else {
        return;
    };
    let server = TestServer::start();
    let mut session = server.session();
    let text = std::fs::read_to_string(path).unwrap();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        println!("{line}");
        match session.run(line) {
            Answer::Error { code, text, .. } => {
                println!("    error {code}: {}", text.replace('\n', "\\n"))
            }
            Answer::Rows { columns, rows } => {
                let types = columns.iter().map(|column| {
                    let not_null = if column.nullable { "" } else { " not null" };
                    format!("{}{not_null}", column.type_name)
                });
                println!("    {}", types.collect::<Vec<_>>().join(" | "));
                for row in rows {
                    let cells = row.iter().map(|cell| cell.as_deref().unwrap_or("NULL"));
                    println!("    {}", cells.collect::<Vec<_>>().join(" | "));
                }
            }
        }
    }
}
