//! The server under chaos: a process that is stopped, killed and started again.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use fastrand::Rng;
#[cfg(unix)]
use rustix::process::Signal;
use tokio::process::Command;
use tokio::sync::watch;
use tokio::time::sleep;

use super::{Durability, Plan, Report};
use crate::faults::FaultyProxy;
use crate::program::{Running, without_settings};

/// What is done to it, beside being killed, about once in so many turns.
const STOP_ONCE_IN: usize = 25;
const RESTART_ONCE_IN: usize = 150;

pub(super) struct Server {
    pub(super) proxy: FaultyProxy,
    address: watch::Sender<Option<SocketAddr>>,
    arguments: Vec<String>,
    plan: Plan,
    running: Option<Running>,
}

impl Server {
    pub(super) fn new(
        plan: &Plan,
        proxy: FaultyProxy,
        address: watch::Sender<Option<SocketAddr>>,
    ) -> Self {
        let window = format!("{}ms", plan.resume_window.as_millis());
        let mut arguments = vec!["--listen", "127.0.0.1:0", "--log-level", "error"];
        arguments.extend(["--resume-window", &window]);
        let (folder, durability) = (plan.folder.to_string_lossy(), plan.durability.to_string());
        if plan.durability != Durability::None {
            arguments.extend(["--data", &folder, "--durability", &durability]);
        }
        let arguments = arguments.into_iter().map(str::to_owned).collect();
        Self { proxy, address, arguments, plan: plan.clone(), running: None }
    }

    pub(super) async fn start(&mut self) {
        let program = self.plan.program.to_string_lossy();
        let mut command = Command::from(without_settings(&program));
        command.args(&self.arguments).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut running = Running::start(command.kill_on_drop(true));
        let address = running.address().await;
        self.running = Some(running);
        self.proxy.lead_to(address);
        self.address.send_replace(Some(address));
    }

    async fn kill(&mut self) {
        if let Some(running) = self.running.take() {
            running.killed().await;
        }
    }

    /// Ends it in good order.
    #[cfg(unix)]
    pub(super) async fn end(&mut self, report: &mut Report) {
        let Some(running) = self.running.take() else { return };
        running.signal(Signal::TERM);
        let ended = running.ended().await;
        if ended.code != Some(0) {
            report.faults.push(format!("the server ended with {ended:?}"));
        }
    }

    /// Nothing asks a process to end in good order here.
    #[cfg(not(unix))]
    pub(super) async fn end(&mut self, _report: &mut Report) {
        self.kill().await;
    }

    /// Until as much has happened as is planned.
    pub(super) async fn misbehave(&mut self, plan: &Plan, random: &mut Rng, report: &mut Report) {
        let mut is_over = false;
        while !is_over {
            sleep(Duration::from_millis(random.u64(20..150))).await;
            let cuts: usize = self.proxy.cuts().values().sum();
            // The kills are spread over the cuts.
            if (report.kills + 1) * plan.cuts <= cuts * (plan.kills + 1)
                && report.kills < plan.kills
            {
                self.kill().await;
                report.kills += 1;
                self.stay_down(random).await;
            } else if random.usize(..STOP_ONCE_IN) == 0 {
                self.stop_for_a_while(random).await;
                report.stops += 1;
            } else if random.usize(..RESTART_ONCE_IN) == 0 {
                self.end(report).await;
                report.restarts += 1;
                self.stay_down(random).await;
            }
            is_over = cuts >= plan.cuts && report.kills == plan.kills;
        }
    }

    /// Often it is back at once, as under a service manager.
    async fn stay_down(&mut self, random: &mut Rng) {
        if random.bool() {
            sleep(Duration::from_millis(random.u64(..1500))).await;
        }
        self.start().await;
    }

    #[cfg(unix)]
    async fn stop_for_a_while(&self, random: &mut Rng) {
        let Some(running) = &self.running else { return };
        let longest = self.plan.faults.longest_stall / if random.u8(..8) == 0 { 1 } else { 8 };
        running.signal(Signal::STOP);
        sleep(longest.mul_f64(random.f64())).await;
        running.signal(Signal::CONT);
    }

    /// No process can be stopped here.
    #[cfg(not(unix))]
    #[expect(clippy::unused_async, reason = "as where there is something to do")]
    async fn stop_for_a_while(&self, _random: &mut Rng) {}
}
