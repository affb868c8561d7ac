use crate::common::house::{House, user_input, verdict};
use wigwag_access::{AccessLevel, Membership, Scope, Source, User, UserRole};
use wigwag_base::{GroupId, Page, ProjectId, UserId};
use wigwag_engine::{GroupInput, MemberReach, ProjectInput, UserInput};
use wigwag_ports::registry::{PathKey, UserKey};

#[tokio::test]
async fn wrong_names_are_refused_with_field_and_rule() {
    let house = House::new().await;
    let user = |change: fn(&mut UserInput)| {
        let mut input = user_input("ada");
        change(&mut input);
        let engine = house.engine.clone();
        let root = house.root.clone();
        async move { verdict(engine.create_user(&root, input).await) }
    };
    assert_eq!(
        user(|u| u.username = "42".into()).await,
        "username cannot be digits alone, it could not be told from an id"
    );
    assert_eq!(user(|u| u.name = " ".into()).await, "name can't be blank");
    assert_eq!(user(|u| u.email = "a@b\r\nBcc: x@y".into()).await, "email is invalid");
    let short = "password must have 8 to 128 characters";
    assert_eq!(user(|u| u.password = Some(wigwag_base::Secret::new("1234567".into()))).await, short);
    assert_eq!(user(|_| {}).await, "ok");
    assert_eq!(user(|_| {}).await, "username has already been taken");
    assert_eq!(user(|u| u.username = "ADA".into()).await, "username has already been taken");
    let project = ProjectInput { name: "日本".into(), path: None, namespace: None };
    let told = verdict(house.engine.create_project(&house.root, project).await);
    assert_eq!(told, "path cannot be made from this name; give one");
    let group = GroupInput { name: "x".into(), path: "api".into(), parent: None };
    assert_eq!(verdict(house.engine.create_group(&house.root, group).await), "path is a reserved name");
}

#[tokio::test]
async fn a_project_lies_where_it_was_put_and_is_found_by_id_or_path() {
    let house = House::new().await;
    let acme = house.group("acme", None).await;
    let team = house.group("team", Some(acme.id)).await;
    let shop = house.project("Web Shop", &team).await;
    assert_eq!(shop.full_path, "acme/team/web-shop");
    for key in [PathKey::Id(shop.id), PathKey::FullPath("ACME/team/Web-Shop".into())] {
        let placed = house.engine.project(&house.root, key).await.unwrap();
        let above: Vec<_> = placed.ancestors.iter().map(|group| group.id).collect();
        assert_eq!((placed.project.id, above), (shop.id, vec![team.id, acme.id]));
    }
    let mine = ProjectInput { name: "Notes".into(), path: None, namespace: None };
    let mine = house.engine.create_project(&house.root, mine).await.unwrap();
    assert_eq!(mine.full_path, "root/notes");
    let nowhere = ProjectInput { name: "x".into(), path: None, namespace: Some(GroupId(999)) };
    assert_eq!(verdict(house.engine.create_project(&house.root, nowhere).await), "there is no such group");
}

#[tokio::test]
async fn levels_are_inherited_and_exact_after_every_change() {
    let house = House::new().await;
    let acme = house.group("acme", None).await;
    let shop = house.project("shop", &acme).await;
    let ada = house.user("ada").await;
    let (in_shop, in_acme) = (Source::Project(shop.id), Source::Group(acme.id));
    let level = async |source| house.engine.level(ada.id, source).await.unwrap();
    let member = |source, level| Membership { user: ada.id, source, level };
    assert_eq!(level(in_shop).await, None);
    house.member(&ada, in_acme, AccessLevel::Reporter).await;
    assert_eq!(level(in_shop).await, Some(AccessLevel::Reporter));
    house.member(&ada, in_shop, AccessLevel::Maintainer).await;
    assert_eq!(
        (level(in_shop).await, level(in_acme).await),
        (Some(AccessLevel::Maintainer), Some(AccessLevel::Reporter))
    );
    house.engine.change_member(&house.root, member(in_acme, AccessLevel::Owner)).await.unwrap();
    assert_eq!(level(in_shop).await, Some(AccessLevel::Owner));
    house.engine.remove_member(&house.root, in_acme, ada.id).await.unwrap();
    assert_eq!((level(in_shop).await, level(in_acme).await), (Some(AccessLevel::Maintainer), None));
    house.store.calls();
    level(in_shop).await;
    level(in_acme).await;
    assert_eq!(house.store.calls(), 0, "a warm level costs no read");
    assert_eq!(house.engine.level(house.root.user, in_shop).await.unwrap(), Some(AccessLevel::Owner));
    assert_eq!(level(Source::Project(ProjectId(999))).await, None);
    assert_eq!(house.engine.level(UserId(999), in_shop).await.unwrap(), None);
}

#[tokio::test]
async fn members_manage_no_one_above_themselves() {
    let house = House::new().await;
    let acme = house.group("acme", None).await;
    let shop = house.project("shop", &acme).await;
    let at = Source::Project(shop.id);
    let [mia, rex, ola, new] =
        [house.user("mia").await, house.user("rex").await, house.user("ola").await, house.user("new").await];
    house.member(&mia, at, AccessLevel::Maintainer).await;
    house.member(&rex, at, AccessLevel::Reporter).await;
    house.member(&ola, at, AccessLevel::Owner).await;
    let as_user = async |user: &User| house.with_token(user, &[Scope::Api]).await;
    let (by_mia, by_rex, by_new) = (as_user(&mia).await, as_user(&rex).await, as_user(&new).await);
    let give = |user: &User, level| Membership { user: user.id, source: at, level };
    let engine = &house.engine;
    let developer = AccessLevel::Developer;
    assert_eq!(verdict(engine.add_member(&by_new, give(&new, developer)).await), "there is no such project");
    assert_eq!(verdict(engine.add_member(&by_rex, give(&new, developer)).await), "forbidden");
    assert_eq!(verdict(engine.add_member(&by_mia, give(&new, AccessLevel::Owner)).await), "forbidden");
    assert_eq!(verdict(engine.add_member(&by_mia, give(&new, developer)).await), "ok");
    assert_eq!(verdict(engine.add_member(&by_mia, give(&new, developer)).await), "Member already exists");
    assert_eq!(verdict(engine.change_member(&by_mia, give(&ola, developer)).await), "forbidden");
    assert_eq!(verdict(engine.remove_member(&by_mia, at, ola.id).await), "forbidden");
    assert_eq!(verdict(engine.change_member(&by_mia, give(&new, AccessLevel::Owner)).await), "forbidden");
    assert_eq!(verdict(engine.remove_member(&by_mia, at, new.id).await), "ok");
    assert_eq!(verdict(engine.remove_member(&by_mia, at, new.id).await), "there is no such member");
    let ghost = Membership { user: UserId(999), ..give(&new, developer) };
    assert_eq!(verdict(engine.add_member(&by_mia, ghost).await), "there is no such user");
}

#[tokio::test]
async fn lists_show_what_one_may_see() {
    let house = House::new().await;
    let acme = house.group("acme", None).await;
    let shop = house.project("shop", &acme).await;
    house.project("blog", &house.group("other", None).await).await;
    let ada = house.user("ada").await;
    let direct = Source::Project(shop.id);
    house.member(&ada, Source::Group(acme.id), AccessLevel::Guest).await;
    let by_ada = house.with_token(&ada, &[Scope::ReadApi]).await;
    let page = Page::default();
    assert_eq!(house.engine.projects(&house.root, page).await.unwrap().total, 2);
    let seen = house.engine.projects(&by_ada, page).await.unwrap();
    assert_eq!(seen.rows.iter().map(|project| project.id).collect::<Vec<_>>(), [shop.id]);
    assert_eq!(house.engine.groups(&by_ada, page).await.unwrap().total, 1);
    let names = async |reach| {
        let members = house.engine.members(&by_ada, direct, reach, page).await.unwrap();
        members.rows.iter().map(|member| member.user.username.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(MemberReach::Direct).await, [""; 0]);
    assert_eq!(names(MemberReach::All).await, ["root", "ada"]);
    let narrow = house.with_token(&ada, &[Scope::EventsWrite]).await;
    assert_eq!(verdict(house.engine.projects(&narrow, page).await), "forbidden");
    assert_eq!(verdict(house.engine.users(&narrow, None, page).await), "forbidden");
    let key = UserKey::Username("ADA".into());
    assert_eq!(house.engine.user(&by_ada, key).await.unwrap().id, ada.id);
    assert_eq!((ada.role, ada.id), (UserRole::Regular, house.engine.own_user(&narrow).await.unwrap().id));
}
