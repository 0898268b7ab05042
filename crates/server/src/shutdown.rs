//! The end: which signals ask for it. In which order the parts stop, `startup` says.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Cancelled when the process is asked to end: by SIGTERM, or by Ctrl-C at a terminal.
///
/// The second signal ends it on the spot, for whoever has no patience left.
///
/// # Errors
/// When the operating system takes no handlers.
pub(crate) fn on_signal() -> std::io::Result<CancellationToken> {
    let asked = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let token = asked.clone();
    tokio::spawn(async move {
        let name = either(&mut terminate, &mut interrupt).await;
        tracing::info!(signal = name, "asked to end: finishing what is under way");
        token.cancel();
        let name = either(&mut terminate, &mut interrupt).await;
        tracing::warn!(signal = name, "asked to end again: stopping at once");
        std::process::exit(1);
    });
    Ok(asked)
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) -> &'static str {
    tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    }
}
