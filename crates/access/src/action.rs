use crate::{AccessLevel, Scope, Scopes};

/// Everything that is ever asked of [`may`](crate::may). The comment names the thing that it is done to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Action {
    /// Seeing that a project exists, its name, its members. Project.
    ReadProject,
    /// Changing its name or path. Project.
    EditProject,
    /// Deleting it with its hooks. Project.
    DeleteProject,
    /// Posting events. Project.
    PublishEvents,
    /// Seeing hooks, deliveries and attempts. Project.
    ReadHooks,
    /// Making, changing, deleting, testing and re-enabling hooks, replaying deliveries. Project.
    AdministerHooks,
    /// Giving, changing and taking memberships. Project.
    ManageMembers,
    /// Seeing that a group exists, its projects, its members. Group.
    ReadGroup,
    /// Changing its name or path. Group.
    EditGroup,
    /// Deleting it. Group.
    DeleteGroup,
    /// As [`Action::ReadHooks`], of a group.
    ReadGroupHooks,
    /// As [`Action::AdministerHooks`], of a group.
    AdministerGroupHooks,
    /// As [`Action::ManageMembers`], of a group.
    ManageGroupMembers,
    /// Making a group inside a group. Group.
    CreateSubgroup,
    /// Making a project. Group, or the user in whose own namespace it shall lie.
    CreateProject,
    /// Making a group at the top. Server.
    CreateGroup,
    /// Listing and finding users. Server.
    ReadUsers,
    /// Making, changing and blocking users, and tokens for them. Server.
    ManageUsers,
    /// Seeing oneself and the token in hand. User.
    ReadSelf,
    /// Revoking the token in hand. User.
    RevokeSelf,
    /// Choosing what one is told of by mail. User.
    ChooseOwnNotices,
    /// Making, listing and revoking one's own tokens; see also [`may_mint`](crate::may_mint). User.
    ManageOwnTokens,
    /// Seeing the system's hooks and their deliveries. Server.
    ReadSystemHooks,
    /// As [`Action::AdministerHooks`], of the system.
    AdministerSystemHooks,
    /// Asking for one's own callouts. Project or group; whether it exists is not told.
    AskOwnCallouts,
    /// Asking for another user's callouts. Project or group; whether it exists is not told.
    AskCalloutsOfAnother,
    /// Dismissing one's own callouts. Project or group.
    DismissOwnCallouts,
    /// Dismissing another user's callouts. Project or group.
    DismissCalloutsOfAnother,
    /// Minting embed tokens for any user. Project or group.
    MintEmbedTokens,
    /// Seeing and evaluating flags. Environment.
    ReadFlags,
    /// Changing flags in this direction. Environment.
    WriteFlags(Direction),
    /// The same by command, where a role is enough. Environment.
    CommandFlags(Direction),
    /// Running chat commands; each command asks for its own action too. Server.
    RunChat,
    /// Naming the channel that a chat command came from. Server.
    NameChatChannel,
    /// Proving in a chat who one is. User.
    LinkChat,
    /// Giving roles in commands, seeing and ending links of others. Server.
    ManageChat,
    /// Seeing what runs where. Server.
    ReadDeployments,
    /// Reporting deployments. Server.
    RecordDeployments,
    /// Asking which hooks fail, of those whose hooks one may see. Server.
    ReadHooksHealth,
    /// Asking the same of every hook there is. Server.
    ReadEveryHooksHealth,
    /// Reading the metrics. Server.
    ReadMetrics,
    /// Reading the audit log. Server.
    ReadAudit,
    /// Reading what fails on the whole server (overview). Server.
    ReadOverview,
    /// Recording outcomes, changing settings: whatever else is the operator's. Server.
    Operate,
}

/// Where a change of a flag leads.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Direction {
    /// Nobody gets the feature who had it not: turning off, removing a target, a smaller percentage.
    OffWard,
    /// Whatever else.
    OnWard,
}

/// What an action asks for besides a scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Right {
    /// This level in the project.
    InProject(AccessLevel),
    /// This level in the group.
    InGroup(AccessLevel),
    /// This level in the group, or one's own user namespace.
    InNamespace(AccessLevel),
    /// Being the user whom it concerns.
    Oneself,
    /// Nothing: any user may.
    Anyone,
    /// Nothing, and the callouts rule itself looks at the level.
    OwnCallouts,
    /// A role in commands that reaches so far in the environment, or what [`Right::AdminOrScope`] asks for.
    Commander(Direction),
    /// The highest role in commands, or administering the server.
    ChatAdmin,
    /// Administering the server.
    Admin,
    /// Administering the server, or a token with one of the action's scopes: only admins may mint those.
    AdminOrScope,
}

/// Whether something changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Effect {
    /// Nothing changes: `read_api` will do.
    Read,
    /// Something changes.
    Write,
}

/// One line of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Rule {
    /// What the user must be.
    pub(crate) right: Right,
    /// Whether `read_api` will do.
    pub(crate) effect: Effect,
    /// The scopes that will do besides `api` and, for admins, `admin`.
    pub(crate) scopes: Scopes,
}

const fn rule(right: Right, effect: Effect, scopes: Scopes) -> Rule {
    Rule { right, effect, scopes }
}

const NONE: Scopes = Scopes::NONE;
const EVENTS: Scopes = NONE.with(Scope::EventsWrite);
const HOOKS: Scopes = NONE.with(Scope::HooksWrite);
const GATEWAY: Scopes = NONE.with(Scope::ChatGateway);
const CALLOUTS: Scopes = NONE.with(Scope::Callouts);
const CHAT: Scopes = NONE.with(Scope::Chat);
const DEPLOYMENTS: Scopes = NONE.with(Scope::Deployments);
const METRICS: Scopes = NONE.with(Scope::Metrics);
const FLAGS_ON: Scopes = NONE.with(Scope::FlagsWrite);
const FLAGS_OFF: Scopes = FLAGS_ON.with(Scope::FlagsOff);
const FLAGS: Scopes = FLAGS_OFF.with(Scope::FlagsRead);
/// Commands are about flags, and each asks for its own right: a token for flags may run them as it may use the API.
const RUN_CHAT: Scopes = FLAGS.with(Scope::Chat).with(Scope::ChatGateway);
const ANY: Scopes = {
    let (mut any, mut index) = (NONE, 0);
    while index < Scope::ALL.len() {
        any = any.with(Scope::ALL[index].0);
        index += 1;
    }
    any
};

impl Action {
    /// The level in the project or group from which on it is allowed; none where no level decides.
    pub const fn level_min(self) -> Option<AccessLevel> {
        match self.rule().right {
            Right::InProject(level) | Right::InGroup(level) | Right::InNamespace(level) => Some(level),
            Right::Oneself
            | Right::Anyone
            | Right::OwnCallouts
            | Right::Commander(_)
            | Right::ChatAdmin
            | Right::Admin
            | Right::AdminOrScope => None,
        }
    }

    /// The table: what each action asks for.
    pub(crate) const fn rule(self) -> Rule {
        use AccessLevel::{Developer, Guest, Maintainer, Owner};
        use Effect::{Read, Write};
        use Right::{
            Admin, AdminOrScope, Anyone, ChatAdmin, Commander, InGroup, InNamespace, InProject, Oneself,
            OwnCallouts,
        };
        match self {
            Self::ReadProject => rule(InProject(Guest), Read, HOOKS),
            Self::EditProject => rule(InProject(Maintainer), Write, NONE),
            Self::DeleteProject => rule(InProject(Owner), Write, NONE),
            Self::PublishEvents => rule(InProject(Developer), Write, EVENTS),
            Self::ReadHooks => rule(InProject(Maintainer), Read, HOOKS),
            Self::AdministerHooks => rule(InProject(Maintainer), Write, HOOKS),
            Self::ManageMembers => rule(InProject(Maintainer), Write, NONE),
            Self::ReadGroup => rule(InGroup(Guest), Read, HOOKS),
            Self::EditGroup | Self::DeleteGroup => rule(InGroup(Owner), Write, NONE),
            Self::ReadGroupHooks => rule(InGroup(Owner), Read, HOOKS),
            Self::AdministerGroupHooks => rule(InGroup(Owner), Write, HOOKS),
            Self::ManageGroupMembers => rule(InGroup(Owner), Write, NONE),
            Self::CreateSubgroup => rule(InGroup(Maintainer), Write, NONE),
            Self::CreateProject => rule(InNamespace(Developer), Write, NONE),
            Self::CreateGroup => rule(Anyone, Write, NONE),
            Self::ReadUsers => rule(Anyone, Read, NONE),
            Self::ManageUsers => rule(Admin, Write, NONE),
            Self::ReadSelf => rule(Oneself, Read, ANY),
            Self::RevokeSelf => rule(Oneself, Write, ANY),
            Self::ManageOwnTokens | Self::ChooseOwnNotices => rule(Oneself, Write, NONE),
            Self::ReadSystemHooks => rule(Admin, Read, HOOKS),
            Self::AdministerSystemHooks => rule(Admin, Write, HOOKS),
            Self::AskOwnCallouts => rule(OwnCallouts, Read, CALLOUTS),
            Self::DismissOwnCallouts => rule(OwnCallouts, Write, CALLOUTS),
            Self::AskCalloutsOfAnother => rule(AdminOrScope, Read, CALLOUTS),
            Self::DismissCalloutsOfAnother | Self::MintEmbedTokens => rule(AdminOrScope, Write, CALLOUTS),
            Self::ReadFlags => rule(AdminOrScope, Read, FLAGS),
            Self::WriteFlags(Direction::OffWard) => rule(AdminOrScope, Write, FLAGS_OFF),
            Self::WriteFlags(Direction::OnWard) => rule(AdminOrScope, Write, FLAGS_ON),
            Self::CommandFlags(Direction::OffWard) => {
                rule(Commander(Direction::OffWard), Write, FLAGS_OFF.with(Scope::Chat))
            }
            Self::CommandFlags(Direction::OnWard) => {
                rule(Commander(Direction::OnWard), Write, FLAGS_ON.with(Scope::Chat))
            }
            Self::LinkChat => rule(Oneself, Write, CHAT),
            Self::ManageChat => rule(ChatAdmin, Write, NONE),
            Self::ReadDeployments => rule(Anyone, Read, DEPLOYMENTS.with(Scope::Chat)),
            Self::RecordDeployments => rule(AdminOrScope, Write, DEPLOYMENTS),
            Self::RunChat => rule(Anyone, Write, RUN_CHAT),
            Self::NameChatChannel => rule(AdminOrScope, Write, GATEWAY),
            Self::ReadHooksHealth => rule(Anyone, Read, HOOKS),
            Self::ReadEveryHooksHealth => rule(Admin, Read, HOOKS),
            Self::ReadMetrics => rule(AdminOrScope, Read, METRICS),
            Self::ReadAudit | Self::ReadOverview => rule(Admin, Read, NONE),
            Self::Operate => rule(Admin, Write, NONE),
        }
    }
}
