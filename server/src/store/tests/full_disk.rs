//! A full disk refuses what comes, and keeps what was reported.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::*;

/// How large files may become in the child: a disk that is full needs an administrator.
const MAX_KIB: u32 = 300;

#[test]
fn it_refuses_until_there_is_space_again_and_keeps_what_it_reported() {
    let folder = Folder::new();
    let program = std::env::current_exe().unwrap();
    let limit = format!("trap '' XFSZ; ulimit -S -f {}; exec \"$@\"", 2 * MAX_KIB); // 512 bytes
    let mut command = Command::new("sh");
    command.args(["-c", &limit, "sh"]).arg(program);
    command.args(child_arguments("full_disk::child_fills"));
    let output = command.envs(child("full_disk::child_fills", &folder.0)).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stdout));
    let seqs = fs::read_to_string(folder.file("committed")).unwrap();
    let seqs: Vec<u64> = seqs.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(folder.content(), [room("room:a", seqs)]);
}

#[test]
#[ignore = "a process that another test starts"]
fn child_fills() {
    let Some(folder) = given_folder() else { return };
    let (store, _) = Store::open(&folder, STRICT).unwrap();
    let mut committed = Vec::new();
    let mut refusals = 0;
    let mut after = 0;
    for seq in 1.. {
        match commit(&store, entries("room:a", [seq])) {
            Ok(()) => {
                committed.push(seq.to_string());
                after += u32::from(refusals > 0);
            }
            Err(StoreError::DiskFull | StoreError::Failed(_)) => refusals += 1,
            Err(error) => panic!("{error}"),
        }
        if refusals == 20 {
            let maximum = getrlimit(Resource::Fsize).maximum;
            setrlimit(Resource::Fsize, Rlimit { current: maximum, maximum }).unwrap();
        }
        if after == 20 {
            break;
        }
    }
    assert!(refusals >= 20);
    drop(store);
    fs::write(folder.join("committed"), committed.join("\n")).unwrap();
}
