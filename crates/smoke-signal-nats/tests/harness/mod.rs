//! A NATS server for one test.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Starts the server, says its process id, kills it as soon as the test has ended, however that was, and waits for its end.
const GUARDED: &str = r#"exec 3<&0; nats-server "$@" </dev/null >>"$LOG" 2>&1 & echo $!; read -r _ <&3; kill -9 $! 2>/dev/null; wait $!"#;

/// A server on a free port of this machine with a folder of its own. It ends when this is dropped.
pub(crate) struct Server {
    folder: PathBuf,
    port: u16,
    arguments: Vec<String>,
    running: Option<Running>,
}

struct Running {
    guard: Child,
    pid: String,
}

impl Server {
    /// The core protocol only.
    pub(crate) fn core() -> Self {
        Self::with("")
    }

    /// With JetStream.
    pub(crate) fn durable() -> Self {
        let mut server = Self::new();
        let store = server.folder.join("store");
        server.arguments.extend([
            "-js".to_owned(),
            "-sd".to_owned(),
            store.display().to_string(),
        ]);
        server.start();
        server
    }

    /// With a configuration file. `FOLDER` in it stands for the server's folder.
    pub(crate) fn with(configuration: &str) -> Self {
        let mut server = Self::new();
        server.configure(configuration);
        server.start();
        server
    }

    /// Not started yet.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder =
            std::env::temp_dir().join(format!("smoke-signal-nats-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let port = free_port(count);
        Self {
            folder,
            port,
            arguments: Vec::new(),
            running: None,
        }
    }

    /// To be called before `start`.
    pub(crate) fn configure(&mut self, configuration: &str) {
        let file = self.folder.join("configuration");
        let configuration = configuration.replace("FOLDER", &self.folder.display().to_string());
        std::fs::write(&file, configuration).unwrap();
        self.arguments = vec!["-c".to_owned(), file.display().to_string()];
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Starts it, on its port and with what it has stored.
    pub(crate) fn start(&mut self) {
        assert!(self.running.is_none());
        let mut guard = Command::new("sh")
            .args([
                "-c",
                GUARDED,
                "nats-server",
                "-a",
                "127.0.0.1",
                "-p",
                &self.port.to_string(),
            ])
            .args(&self.arguments)
            .env("LOG", self.folder.join("log"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("cannot start `sh`");
        let mut pid = String::new();
        BufReader::new(guard.stdout.take().unwrap())
            .read_line(&mut pid)
            .unwrap();
        self.running = Some(Running {
            guard,
            pid: pid.trim().to_owned(),
        });
        let start = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let log = || std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            let is_missing = Command::new("nats-server")
                .arg("--version")
                .output()
                .is_err();
            assert!(
                !is_missing,
                "these tests need `nats-server`: apt-get install nats-server"
            );
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "the server does not start: {}",
                log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        if let Some(mut running) = self.running.take() {
            signal(&running.pid, "KILL");
            drop(running.guard.stdin.take());
            running.guard.wait().unwrap();
        }
    }

    /// Sends a signal to the server.
    pub(crate) fn signal(&self, name: &str) {
        signal(&self.running.as_ref().unwrap().pid, name);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        // If the test has failed, the log is of use.
        if std::thread::panicking() {
            let _closed = writeln!(
                std::io::stderr(),
                "the log of the server: {}/log",
                self.folder.display()
            );
        } else {
            drop(std::fs::remove_dir_all(&self.folder));
        }
    }
}

/// A port that nobody uses at this moment. The server has it whenever it starts. It is not one of those that the system
/// gives to clients: while nobody listens at such a port, a client that connects to it may be connected to itself.
fn free_port(count: u32) -> u16 {
    let first = std::process::id()
        .wrapping_mul(97)
        .wrapping_add(count * 7919);
    let ports = (0..).map(|n| 10_000 + u16::try_from(first.wrapping_add(n) % 20_000).unwrap());
    let is_free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    ports.take(20_000).find(is_free).expect("no port is free")
}

/// Sends a signal to a process.
pub(crate) fn signal(pid: &str, name: &str) {
    let status = Command::new("kill").args(["-s", name, pid]).status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "cannot send {name} to {pid}"
    );
}
