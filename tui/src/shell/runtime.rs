//! The runtime: one thread for everything asynchronous.

use crate::failure::Failure;

/// Runs this work to its end, and waits for nothing else: a DNS lookup or the start of a server runs
/// in a thread that cannot be cancelled, and quitting must not wait for it. Nothing is lost by that:
/// what is written to files is waited for by the work itself, and a server that is being started is a
/// process of its own.
pub(crate) fn on_one_thread<T>(
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::failed(format!("cannot run: {error}")))?;
    let outcome = runtime.block_on(work);
    runtime.shutdown_background();
    outcome
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    #[test]
    fn a_thread_that_hangs_keeps_nobody_who_has_ended() {
        let (told, ended) = mpsc::channel();
        std::thread::spawn(move || {
            let outcome = super::on_one_thread(async {
                let (hangs, begun) = tokio::sync::oneshot::channel();
                drop(tokio::task::spawn_blocking(move || {
                    hangs.send(()).unwrap();
                    std::thread::sleep(Duration::from_secs(600));
                }));
                begun.await.unwrap();
                Ok("the work")
            });
            told.send(outcome)
        });
        assert_eq!(ended.recv_timeout(Duration::from_secs(30)).unwrap(), Ok("the work"));
    }
}
