//! Packages for what runs under Node.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Brings the packages of a folder, unless what is there came from this very lock file.
pub fn install(folder: &Path) -> Result<(), String> {
    let cannot = |error| format!("{}: {error}", folder.display());
    let locked = fs::read(folder.join("package-lock.json")).map_err(cannot)?;
    let stamp = folder.join("node_modules/.installed-from");
    if fs::read(&stamp).is_ok_and(|installed| installed == locked) {
        return Ok(());
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let installed = Command::new(npm)
        .args(["ci", "--no-audit", "--no-fund", "--fetch-retries=1"])
        .arg("--fetch-retry-mintimeout=1000")
        .current_dir(folder)
        .output()
        .map_err(|_| "there is no npm; it comes with node from nodejs.org".to_owned())?;
    if !installed.status.success() {
        let log = folder.join("node_modules.log");
        let told = [installed.stdout, installed.stderr].concat();
        fs::write(&log, told).map_err(cannot)?;
        return Err(format!("npm cannot bring what is needed (see {})", log.display()));
    }
    fs::write(stamp, locked).map_err(cannot)
}
