//! `snowglobe health`: asks a running server's `/health`, so that a container image needs no other HTTP client.
//!
//! Plain `std`: a probe every few seconds should not start a runtime.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(3);

/// Ok if the server at `address` says that it is well.
pub(crate) fn check(address: SocketAddr) -> Result<(), String> {
    let status_line = ask(address).map_err(|error| format!("no answer from {address}: {error}"))?;
    if status_line.split(' ').nth(1) == Some("200") {
        Ok(())
    } else {
        Err(format!("{address} answers '{status_line}'"))
    }
}

fn ask(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let request = format!("GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(4096).read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    Ok(answer.lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered_with(answer: &'static str) -> Result<(), String> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 1024]).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        });
        let checked = check(address);
        server.join().unwrap();
        checked
    }

    #[test]
    fn only_200_is_well() {
        assert_eq!(answered_with("HTTP/1.1 200 OK\r\n\r\n"), Ok(()));
        for answer in ["HTTP/1.1 503 Service Unavailable\r\n\r\n", "", "hello"] {
            assert!(answered_with(answer).is_err(), "{answer}");
        }
    }
}
