//! Whom `send --to` means: one person and no other, since what is said to one is not for all.

use hullo::Person;
use hullo::protocol::RoomName;

use crate::failure::Failure;

/// The one of these who is meant: by id, by name, or by `NAME~2`, the second to come of that name.
pub(super) fn recipient<'a>(
    others: &[&'a Person],
    meant: &str,
    room: &RoomName,
) -> Result<&'a Person, Failure> {
    // Nobody can take the id of somebody else, but any name.
    if let Some(who) = others.iter().find(|who| who.id.to_string() == meant) {
        return Ok(who);
    }
    let is_meant = |who: &&&Person| who.name == meant || label(others, who) == meant;
    let found: Vec<&Person> = others.iter().filter(is_meant).copied().collect();
    match &*found {
        [] => Err(nobody(others, meant, room)),
        [who] => Ok(who),
        [..] => {
            let labels = found.iter().map(|who| format!("{} ({})", label(others, who), who.id));
            let labels = labels.collect::<Vec<_>>().join(", ");
            Err(Failure::refused(format!(
                "{} people in #{room} go by {meant:?}: {labels}; say which, by id or as NAME~2",
                found.len()
            )))
        }
    }
}

fn nobody(others: &[&Person], meant: &str, room: &RoomName) -> Failure {
    let mut here: Vec<String> = others.iter().map(|who| label(others, who)).collect();
    here.sort_unstable();
    let here = if here.is_empty() { "nobody else".to_owned() } else { here.join(", ") };
    Failure::failed(format!("nobody called {meant:?} is in #{room}; here: {here}"))
}

/// The name, with a number behind it where others bear it, too: whoever came first has the first.
fn label(all: &[&Person], who: &Person) -> String {
    let mut called: Vec<&&Person> = all.iter().filter(|other| other.name == who.name).collect();
    if called.len() < 2 {
        return who.name.clone();
    }
    called.sort_by_key(|other| (other.online_at, other.id));
    let before = called.iter().take_while(|other| other.id != who.id).count();
    format!("{}~{}", who.name, before + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{id, named};

    fn people(names: &[(u128, &str)]) -> Vec<Person> {
        names.iter().map(|(n, name)| Person { online_at: 9, ..named(*n, name) }).collect()
    }

    #[track_caller]
    fn check(people: &[Person], meant: &str, expected: Result<u128, &str>) {
        let others: Vec<&Person> = people.iter().collect();
        let room = RoomName::try_from("ops").unwrap();
        match (recipient(&others, meant, &room), expected) {
            (Ok(who), Ok(n)) => assert_eq!(who.id, id(n), "{meant}"),
            (Err(why), Err(expected)) => assert_eq!(why.to_string(), expected, "{meant}"),
            (found, expected) => panic!("{meant}: {found:?} is not {expected:?}"),
        }
    }

    #[test]
    fn one_person_is_meant_or_nobody() {
        let mut here = people(&[(1, "ada"), (2, "mira"), (3, "ada")]);
        here[2].online_at = 5;
        check(&here, "mira", Ok(2));
        check(&here, "ada~1", Ok(3));
        check(&here, "ada~2", Ok(1));
        check(&here, &id(1).to_string(), Ok(1));
        check(&here, "ada~3", Err("nobody called \"ada~3\" is in #ops; here: ada~1, ada~2, mira"));
        check(
            &here,
            "ada",
            Err("2 people in #ops go by \"ada\": ada~2 (00000000-0000-4000-8000-000000000001), \
                 ada~1 (00000000-0000-4000-8000-000000000003); say which, by id or as NAME~2"),
        );
        check(&[], "mira", Err("nobody called \"mira\" is in #ops; here: nobody else"));
    }

    #[test]
    fn nobody_takes_the_place_of_another_by_a_name() {
        let theirs = id(1).to_string();
        let here = people(&[(1, "ada"), (2, "ada"), (3, "ada~2"), (4, &theirs)]);
        check(&here, &theirs, Ok(1));
        check(
            &here,
            "ada~2",
            Err("2 people in #ops go by \"ada~2\": ada~2 (00000000-0000-4000-8000-000000000002), \
                 ada~2 (00000000-0000-4000-8000-000000000003); say which, by id or as NAME~2"),
        );
    }
}
