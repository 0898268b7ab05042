//! Killing and holding processes at random moments.

use std::time::Duration;

use crate::harness::{Service, Twilio, poll_within};

use super::super::Dice;
use super::Scale;

/// A process is started again at most so long after it was killed.
const LONGEST_ABSENCE: Duration = Duration::from_millis(400);

/// How long sending may take from one blow to the next.
const PATIENCE: Duration = Duration::from_secs(180);

#[derive(Clone, Copy, Debug)]
enum Blow {
    Kill,
    Pause,
}

/// Blows spread over the whole of the sending, so that each hits it in full flow.
#[derive(Debug)]
pub(super) struct Chaos {
    pub(super) kills: usize,
    pub(super) pauses: usize,
    texts: usize,
    pause: Duration,
}

impl Chaos {
    pub(super) fn new(scale: &Scale) -> Self {
        Self {
            kills: scale.kills,
            pauses: scale.pauses,
            texts: scale.texts,
            pause: Duration::from_secs(scale.lease + 2),
        }
    }

    pub(super) async fn run(
        self,
        services: &mut [&mut Service],
        twilio: &Twilio,
        dice: &mut Dice,
    ) -> Self {
        let mut blows = vec![Blow::Kill; self.kills];
        blows.extend(vec![Blow::Pause; self.pauses]);
        dice.shuffle(&mut blows);
        let apart = self.texts / (blows.len() + 2);
        for (n, blow) in blows.iter().enumerate() {
            let sent = (n + 1) * apart;
            poll_within(PATIENCE, &format!("{sent} texts at Twilio"), async || {
                (twilio.state().await["messages"].as_u64()? >= sent as u64).then_some(())
            })
            .await;
            tokio::time::sleep(dice.up_to(Duration::from_millis(500))).await;
            let victim = dice.below(services.len());
            self.strike(*blow, services[victim], dice).await;
        }
        self
    }

    async fn strike(&self, blow: Blow, service: &mut Service, dice: &mut Dice) {
        match blow {
            Blow::Kill => {
                service.kill();
                tokio::time::sleep(dice.up_to(LONGEST_ABSENCE)).await;
                service.start_again();
            }
            Blow::Pause => {
                service.pause();
                tokio::time::sleep(self.pause).await;
                service.go_on();
            }
        }
    }
}
