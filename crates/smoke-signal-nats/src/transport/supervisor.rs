//! The bridge's own thread: keeps a connection, and attends to the bridge.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep};

use crate::current;
use crate::error::ConnectError;
use crate::problem::ProblemKind;
use crate::shared::Shared;
use crate::transport::desk::{Command, Desk};
use crate::transport::{NoConnection, Transport};

/// How long to wait between two attempts to connect: at first, and at most. The models have more than one to wait for.
const PATIENCE: (Duration, Duration) = if cfg!(test) {
    (Duration::from_millis(5), Duration::from_millis(5))
} else {
    (Duration::from_millis(20), Duration::from_secs(2))
};

/// Answers once the first attempt to connect has been made.
pub(crate) type Begun = oneshot::Sender<Result<(), ConnectError>>;

/// Runs a bridge until it is closed.
pub(crate) fn run<T: Transport>(
    transport: T,
    shared: &Arc<Shared>,
    commands: mpsc::UnboundedReceiver<Command>,
    begun: Begun,
) {
    current::never_wait();
    let supervisor = Supervisor {
        shared: Arc::clone(shared),
        desk: Desk::new(Arc::clone(shared), commands),
        transport,
        begun: Some(begun),
        patience: PATIENCE.0,
    };
    supervisor.run();
    shared.outbox.close();
    shared.end_all();
}

struct Supervisor<T> {
    shared: Arc<Shared>,
    desk: Desk,
    transport: T,
    begun: Option<Begun>,
    patience: Duration,
}

/// How an attempt to be connected ended.
enum End {
    Lost,
    Stopped,
}

impl<T: Transport> Supervisor<T> {
    /// Each connection has a runtime of its own, so that nothing of it lives on: a client that is left to itself would
    /// connect again and send what it still has, in between what is sent anew.
    fn run(mut self) {
        loop {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let end = match runtime {
                Ok(runtime) => {
                    let end = LocalSet::new().block_on(&runtime, self.connection());
                    runtime.shutdown_background();
                    end
                }
                Err(error) => {
                    if let Some(begun) = self.begun.take() {
                        let error = ConnectError::new(format!("cannot make a runtime: {error}"));
                        let _gone = begun.send(Err(error));
                        return;
                    }
                    std::thread::sleep(self.patience);
                    End::Lost
                }
            };
            match end {
                End::Lost => {}
                End::Stopped => return,
            }
        }
    }

    /// Connects, and serves until the connection is lost.
    async fn connection(&mut self) -> End {
        let connected = tokio::select! {
            connected = self.transport.connect() => connected,
            () = self.desk.wait() => return End::Stopped,
        };
        let why = match connected {
            Ok(session) => {
                self.shared.counters.connections.add(1);
                if let Some(begun) = self.begun.take() {
                    let _gone = begun.send(Ok(()));
                }
                let since = Instant::now();
                match self.desk.serve(session).await {
                    None => return End::Stopped,
                    Some(why) => {
                        // A server that accepts connections and ends them at once is no reason to hurry.
                        if since.elapsed() > PATIENCE.1 {
                            self.patience = PATIENCE.0;
                        }
                        why
                    }
                }
            }
            Err(NoConnection::Refused(error)) => match self.begun.take() {
                Some(begun) => {
                    let _gone = begun.send(Err(error));
                    return End::Stopped;
                }
                None => error.to_string(),
            },
            Err(NoConnection::Unreachable(why)) => {
                if let Some(begun) = self.begun.take() {
                    let _gone = begun.send(Ok(()));
                }
                why
            }
        };
        let detail = format!("no connection to the server: {why}");
        self.shared.report(ProblemKind::Disconnected, None, detail);
        let pause = sleep(self.patience);
        self.patience = PATIENCE.1.min(self.patience * 2);
        tokio::select! {
            () = pause => End::Lost,
            () = self.desk.wait() => End::Stopped,
        }
    }
}
