//! Limits of the engine: unit, reason, and what happens when they are hit.

use std::time::Duration;

/// When to come back after "not now": long enough for a disk to be cleaned or a store to restart a connection.
pub const RETRY_AFTER_UNAVAILABLE: Duration = Duration::from_secs(2);

/// Fresh deliveries of one hook that lie in memory; later ones wait in the store, so that one slow receiver never
/// fills the memory that all share.
pub const READY_PER_HOOK_MAX: usize = 1_024;

/// Rows of one hook's backlog that are read at once.
pub const BACKLOG_PAGE: u32 = 64;

/// Results that one transaction takes.
pub const RECORDS_PER_COMMIT_MAX: usize = 512;

/// Results that one transaction takes at least, though new events wait for it: a tenth of a millisecond's work.
pub const RECORDS_PER_COMMIT_MIN: usize = 4;

/// Results that one transaction takes at least where somebody waits for one that is not durable yet.
pub const RECORDS_PER_HURRIED_COMMIT_MIN: usize = 32;

/// Results that are worth a transaction of their own, which takes so many while no new events wait.
pub const RECORD_COMPANY: usize = 64;

/// How long fewer wait to become more: what failed is shown that much later, and what succeeded meanwhile is sent again after
/// a kill.
pub const RECORD_COMPANY_MAX: Duration = Duration::from_millis(80);

/// In so many transactions what waits would be written, if nothing came to it: many results make large ones.
pub const RECORD_COMMITS: usize = 8;

/// Bytes of bodies that one transaction of results takes; what is more goes into the next.
pub const RECORD_BYTES_PER_COMMIT_MAX: usize = 16 << 20;

/// Bytes of a payload of which a template's body is made where it is needed, at about a gigabyte a second; of a longer one
/// it is made in a thread for such work.
pub const RENDERED_AT_ONCE_BYTES_MAX: usize = 64 << 10;

/// Pushes whose hooks' expressions over branches are tried at a time: each may take long.
pub const BRANCH_JUDGES_MAX: usize = 4;

/// Hooks that leave half open in one second, so that a thousand receivers that come back bring no stampede.
pub const RECOVERIES_PER_SECOND_MAX: u32 = 64;

/// Events of one batch request.
pub const BATCH_EVENTS_MAX: usize = 1_000;

/// Bytes of one batch request.
pub const BATCH_BYTES_MAX: usize = 32 << 20;

/// Characters of an idempotency key.
pub const IDEMPOTENCY_KEY_CHARACTERS_MAX: usize = 255;

/// Nesting of an event's JSON.
pub const JSON_DEPTH_MAX: usize = 64;

/// Deliveries ready in memory above which intake slows down.
pub const READY_DELIVERIES_SLOW: usize = 2_048;

/// Bytes of payload for which an event counts as one more: 2,048 small events and 32 MiB of large ones weigh the same.
pub const BYTES_PER_UNIT: usize = 16 << 10;

/// How long one accepted request is slowed down at most.
pub const INTAKE_SLOWDOWN_MAX: Duration = Duration::from_millis(250);

/// A lane without an answer for this long, while requests are under way, is slow: its queue moves to the store and
/// its requests share half of the node's slots with the other slow ones.
pub const SLOW_AFTER: Duration = Duration::from_millis(250);

/// Requests under way to a receiver that has not answered yet, or let the last one's time run out: enough to learn what
/// it does, too few to take what others need.
pub const IN_FLIGHT_UNPROVEN_MAX: usize = 8;

/// Requests to receivers that have not shown that they answer that may begin at once: more hang only where many do.
pub const SUSPECTS_AT_ONCE: usize = 64;

/// Between the beginnings of two such requests beyond [`SUSPECTS_AT_ONCE`]: all 512 slots are taken within two to three
/// seconds, and what hangs ends as evenly.
pub const SUSPECTS_PACE: Duration = Duration::from_millis(4);

/// Fresh deliveries of a slow hook that stay in memory.
pub const READY_PER_SLOW_HOOK_MAX: usize = 16;

/// Fresh deliveries of all slow hooks together that stay in memory.
pub const READY_OF_SLOW_HOOKS_MAX: usize = 1_024;

/// Projects whose hooks are kept in memory; above it all are forgotten and read again as needed.
pub const ROUTES_MAX: usize = 200_000;

/// Hooks that are kept in memory; above it those without work are forgotten and read again as needed.
pub const LANES_MAX: usize = 500_000;

/// Namespaces whose requests are counted by the minute before those whose minute is over are forgotten; about 100 bytes each.
pub const NAMESPACES_COUNTED_MAX: usize = 10_000;

/// How long the dispatcher waits before it repeats a read that failed.
pub const READ_RETRY_AFTER: Duration = Duration::from_millis(500);

/// Levels, users, projects and groups that are kept in memory, each; the least useful go first. About 200 bytes each.
pub const REGISTRY_CACHE_MAX: usize = 100_000;

/// Users whose memberships are kept in memory, all of each.
pub const MEMBERSHIPS_CACHE_MAX: usize = 2_000;

/// Tokens, sessions and verified embed tokens that are kept in memory, each; another one costs a store read.
pub const CREDENTIAL_CACHE_MAX: usize = 10_000;

/// How far a token's "last used" may lag behind: each mark is a write.
pub const LAST_USED_LAG_MAX: Duration = Duration::from_secs(60);

/// Bytes of a cookie or login link that are looked at at all; ours are far shorter.
pub const SECRET_TEXT_BYTES_MAX: usize = 512;

/// Characters of a password: below, it can be guessed (GitLab's number); above, hashing it costs more than it gains.
pub const PASSWORD_CHARACTERS_MIN: usize = 8;
/// See [`PASSWORD_CHARACTERS_MIN`].
pub const PASSWORD_CHARACTERS_MAX: usize = 128;

/// Passwords tried for one user (or unknown name) in a minute; the next is refused with the time to come back.
pub const SIGN_IN_TRIES_PER_MINUTE: usize = 5;

/// Passwords hashed at once: each takes 19 MiB and a core for some 30 ms.
pub const PASSWORDS_AT_ONCE_MAX: usize = 2;
/// Passwords that may wait for their turn; the next is asked to come back, so that a flood holds no memory.
pub const PASSWORDS_WAITING_MAX: usize = 32;

/// How long a signed-in browser stays so: a working day.
pub const SESSION_AGE_MAX: Duration = Duration::from_secs(12 * 60 * 60);

/// How long a session that a banner's button opened lasts: time to mend one hook.
pub const HOOK_PAGES_SESSION_AGE_MAX: Duration = Duration::from_secs(60 * 60);

/// How long a one-time link waits to be used.
pub const LOGIN_LINK_AGE_MAX: Duration = Duration::from_secs(10 * 60);

/// From an embed token's `iat` to its `exp`: it lies in pages, so it must not live long.
pub const EMBED_TOKEN_AGE_MAX: Duration = Duration::from_secs(15 * 60);
/// How far the platform's clock may differ from ours.
pub const EMBED_TOKEN_LEEWAY: Duration = Duration::from_secs(30);
/// Bytes of an embed token; a longer one is refused unread.
pub const EMBED_TOKEN_BYTES_MAX: usize = 4_096;

/// Tests and resends of one user in one project or group in a minute, as GitLab's.
pub const TESTS_PER_MINUTE: usize = 5;

/// Keys of each rate limit that are kept in memory; the least useful go first.
pub const RATE_KEYS_MAX: usize = 10_000;

/// How often an edit of a hook is tried again when its health moved meanwhile; a hook moves a few times a second at
/// most, so one repetition is nearly always enough.
pub const EDIT_TRIES_MAX: usize = 8;

/// Changes of health that a hook's timeline shows.
pub const TIMELINE_ENTRIES_MAX: u32 = 100;

/// The newest attempts among which a timeline looks for those behind its changes; changes before them show none.
pub const TIMELINE_ATTEMPTS_MAX: u32 = 2_000;

/// Attempts that a timeline names behind one change, the last ones; the others are counted.
pub const ATTEMPTS_PER_CHANGE_MAX: usize = 20;

/// The newest attempts that another policy is tried on: a few megabytes, replayed in milliseconds. What is before them is
/// left out, and the answer says so.
pub const DRY_RUN_ATTEMPTS_MAX: u32 = 20_000;

/// The newest changes of health that are looked at with them; a hook changes less often than it is called.
pub const DRY_RUN_CHANGES_MAX: u32 = 20_000;

/// Notices that are told of one hook, the newest.
pub const TOLD_PER_HOOK_MAX: usize = 10;

/// How often a flag's write is tried again when another node wrote the same flag meanwhile; people write flags, so one
/// repetition is nearly always enough. Beyond it the write is refused as stale.
pub const FLAG_WRITE_TRIES_MAX: usize = 8;

/// Names that are looked through for the one that was meant, when a project, group or user does not exist. Beyond it
/// the refusal suggests nothing.
pub const NEAREST_CANDIDATES_MAX: u32 = 1_000;

/// Characters of a chat channel's name: those of the largest chat systems have 80. A longer one is refused.
pub const CHANNEL_CHARACTERS_MAX: usize = 100;

/// Commands that a reply names to undo a change; where it takes more, the reply names none.
pub const UNDO_COMMANDS_MAX: usize = 5;

/// How long the recorder waits before it writes again what the store refused; doubled up to twenty times this.
pub const RECORD_RETRY_AFTER: Duration = Duration::from_millis(100);

/// How often the recorder of a stopping server tries to write what the store refuses, before it lets go of it.
pub const RECORD_TRIES_AT_STOP: u32 = 5;

/// Free share of the disk in per cent below which intake answers 503: what waits must not expire for want of room.
pub const DISK_FREE_PERCENT_MIN: u64 = 5;

/// Bytes that intake leaves free at most, however large the disk: room for some millions of small results (ADR 22).
pub const DISK_FREE_BYTES_MIN_MAX: u64 = 1 << 30;

/// How often the sweep runs.
pub const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// How often what waits is held against its limits.
pub const WAITING_SWEEP_EVERY: Duration = Duration::from_secs(60);

/// Waiting deliveries of one hook that one transaction of the sweep may expire.
pub const SWEEP_ROWS: u32 = 500;

/// Transactions that one turn of the sweep may take to hold one hook's waiting deliveries to their limits. A hook whose
/// backlog grows by more than both together (2,000 a second) in a minute is over its limit until it slows down.
pub const SWEEP_SLICES_MAX: u32 = 240;

/// Hooks of the system: each gets every event of the server.
pub const SYSTEM_HOOKS_MAX: u64 = 100;

/// Failing hooks that the overview lists; it counts all of them.
pub const OVERVIEW_HOOKS_MAX: usize = 100;

/// Hooks that recovered or were deleted lately and are remembered, so that news of them which was overtaken on its way
/// does not bring their banner back. Far more than results that can be under way at once; the least useful go first.
pub const LEFT_HOOKS_REMEMBERED_MAX: usize = 4_096;

/// How often what banners did is written. A crash loses what was counted since: at most so much of shown, followed and
/// dismissed, and of which hooks they told. What became of the hooks is found out at the next start.
pub const CALLOUT_OUTCOMES_EVERY: Duration = Duration::from_secs(60);

/// Episodes that one write takes, so that nobody waits long for it; the rest follow in the next.
pub const CALLOUT_EPISODES_PER_WRITE: usize = 500;

/// How long what banners did is kept: a year can be compared with the one before its end.
pub const CALLOUT_OUTCOMES_KEPT: Duration = Duration::from_secs(400 * 86_400);

/// A hook that still fails so long after a banner told of it is ignored.
pub const CALLOUT_IGNORED_AFTER: Duration = Duration::from_secs(7 * 86_400);

/// How far back the figures of banners go where nobody says.
pub const CALLOUT_OUTCOMES_SINCE: Duration = Duration::from_secs(30 * 86_400);

/// Viewers in a place who were shown a banner lately and are counted once; who is forgotten is counted again.
pub const SHOWN_REMEMBERED_MAX: usize = 16_384;

/// Changes of banners that wait for a listener; who lags further behind is told so and asks anew.
pub const WATCH_RINGS_MAX: usize = 1_024;

/// Attempts in a row, to [`OUTAGE_HOSTS`] hosts within [`OUTAGE_WINDOW`], that reached nobody: then it is our network.
pub const OUTAGE_ATTEMPTS: usize = 20;

/// Hosts that such attempts must have gone to.
pub const OUTAGE_HOSTS: usize = 5;

/// The time within which they must lie.
pub const OUTAGE_WINDOW: Duration = Duration::from_secs(10);

/// How often a request goes out during an outage of ours, to find its end.
pub const OUTAGE_TRY_EVERY: Duration = Duration::from_secs(1);

/// How long nothing may look for its end until what was held back because of it is told.
pub const OUTAGE_FORSAKEN_AFTER: Duration = Duration::from_secs(60);

/// Between two looks at the files of definitions and at the members of named groups.
pub const DEFINITIONS_EVERY: Duration = Duration::from_secs(1);

/// Findings that are kept of bad definitions; whoever has more mends these first.
pub const FINDINGS_MAX: usize = 1_000;

/// Between two looks at the overrides' file: a row written by hand counts within this time.
pub const OVERRIDES_EVERY: Duration = Duration::from_millis(50);

/// Between two tries to tell the store of overrides that it does not know.
pub const OVERRIDES_RECORD_EVERY: Duration = Duration::from_secs(1);

/// How long the answer to an override waits for the store; later it is recorded all the same.
pub const OVERRIDE_RECORD_WAIT: Duration = Duration::from_millis(50);

/// Users, groups or projects that are asked one by one what a change of a flag means for them: a tenth of a second. Of
/// more, the others are taken to be like these.
pub const REACH_IDS_MAX: u64 = 200_000;

/// Ids that are read from the store at once for that.
pub const REACH_SLICE: u32 = 10_000;

/// Characters of the reason of a change. A longer one is refused.
pub const REASON_CHARACTERS_MAX: usize = 1_000;

/// Overrides of one environment on one node: it is a list for emergencies. One more is refused.
pub const OVERRIDES_MAX: usize = 1_000;

/// How long one ticket for an event stream is handed out; it holds for as long again. A stream that ends within that
/// opens again without a word; later its client asks for flags anew, and gets a new ticket.
pub const STREAM_TICKET_WINDOW: Duration = Duration::from_secs(30 * 60);

/// Bytes of a ticket that are looked at at all: an environment's name and some 40 bytes, in base64.
pub const STREAM_TICKET_BYTES_MAX: usize = 512;

/// The length of one step of a flag's chart: fine enough to see a rollout, and a day of them fits in 4 KiB.
pub const EXPOSURE_STEP: Duration = Duration::from_secs(5 * 60);

/// Steps that a chart goes back: 24 hours. Older ones are forgotten.
pub const EXPOSURE_STEPS_MAX: u32 = 288;

/// Flags whose evaluations are counted, those of all environments together: up to 4 KiB each. Others are not counted.
pub const EXPOSED_FLAGS_MAX: usize = 10_000;

/// The most that one row of a program's report counts; more counts as this, so that no sum ever overflows.
pub const EXPOSURE_COUNT_MAX: u64 = 1 << 32;

/// Between two looks whether the tokens for emergencies should be read again.
pub const EMERGENCY_EVERY: Duration = Duration::from_secs(1);

/// After this time the tokens for emergencies are read again, for those that were made since.
pub const EMERGENCY_REREAD_AFTER: Duration = Duration::from_secs(10);

/// Tokens kept for emergencies; of more the newest. The others open flags as long as the store answers.
pub const EMERGENCY_TOKENS_MAX: u32 = 10_000;

/// How often another server's flags are read: the longest that a change made there takes to be seen here.
pub const REMOTE_EVERY: Duration = Duration::from_secs(10);

/// How long another server has for one answer, and for all answers of one reading: a person waits for it.
pub const REMOTE_DEADLINE: Duration = Duration::from_secs(5);

/// Bytes of all features, or of all definitions, that another server may answer with: some 10,000 flags. A longer answer
/// is refused, and what was known before stays.
pub const REMOTE_ANSWER_BYTES_MAX: usize = 4 << 20;

/// Pages of features that another server may list, of 100 each; more are refused as above.
pub const REMOTE_PAGES_MAX: u32 = 200;

/// How often what is known of another server's flags is kept anew although it says nothing new: how far the time that a
/// restarted server tells for it may lag behind.
pub const REMOTE_KEEP_EVERY: Duration = Duration::from_secs(300);

/// Characters of another server's own words that are passed on.
pub const REMOTE_WORDS_MAX: usize = 300;

/// Findings that are kept of what another server said; whoever has more mends these first.
pub const REMOTE_FINDINGS_MAX: usize = 100;

/// Audit rows of changes made on another server that wait in memory for the store. Beyond it the oldest are given up, with
/// an error in the log; nothing is turned on meanwhile.
pub const REMOTE_AUDIT_WAITING_MAX: usize = 1_000;

/// How long a change that was made on another server waits for its audit row; then the row is written later.
pub const REMOTE_AUDIT_WAIT: Duration = Duration::from_secs(2);

/// Between two audit rows about what was refused of one chat for one reason, of one person where that is proven; those
/// between are counted. Whoever sends forgeries fills no log.
pub const REFUSAL_AUDIT_EVERY: Duration = Duration::from_secs(60);

/// People and reasons of refusals that are told apart within that time; of more the log has no rows.
pub const REFUSALS_KEPT_MAX: usize = 1_000;

/// How long a stop waits for what chats asked and for messages under way: longer than a production check, or one message.
pub const ERRANDS_WAIT: Duration = Duration::from_secs(12);

/// Messages of one destination that are read at once; more follow.
pub const OUTBOX_TURN_MAX: u32 = 64;

/// The longest that nobody looks into the outbox although nothing rings.
pub const OUTBOX_LOOK_EVERY: Duration = Duration::from_secs(30);

/// The shortest: a store that takes no notes is not asked again at once.
pub const OUTBOX_REST_MIN: Duration = Duration::from_secs(1);

/// Messages that may wait for one destination; while nothing gets through, the oldest beyond them are given up.
pub const OUTBOX_WAITING_MAX: u32 = 10_000;

/// Waits between the tries of a message, the last one again and again.
pub const OUTBOX_DELAYS: [Duration; 7] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(120),
    Duration::from_secs(600),
    Duration::from_secs(1_800),
    Duration::from_secs(3_600),
];

/// A message that is older is given up at its next failure: nobody wants yesterday's news.
pub const OUTBOX_AGE_MAX: Duration = Duration::from_secs(86_400);

/// How long a code for a chat holds.
pub const LINK_CODE_LIFE: Duration = Duration::from_secs(600);

/// Letters of such a code, of 5 bits each: nobody guesses 100 bits in ten minutes.
pub const LINK_CODE_LETTERS: usize = 20;

/// How long it is believed who a member of the configured team is by e-mail, or that nobody knows: the chat is asked again
/// afterwards, so that whoever becomes a guest there is nobody here.
pub const CHAT_MEMBER_LIFE: Duration = Duration::from_secs(300);

/// Members whose e-mail is remembered so.
pub const CHAT_MEMBERS_MAX: usize = 10_000;

/// How often a change is judged anew because somebody else changed the same flag between its checks and its write.
pub const JUDGED_AGAIN_MAX: u32 = 50;

/// How long all sources of the production check have together: a person waits for it.
pub const PRODUCTION_CHECK_DEADLINE: Duration = Duration::from_secs(10);

/// What blocks that a refusal names, of one source; of more it says how many.
pub const BLOCKERS_NAMED_MAX: usize = 5;

/// Flags that `feature list` names for one environment; of more it says how many.
pub const LISTED_FLAGS_MAX: usize = 100;

/// Failing hooks that `hooks failing` names.
pub const LISTED_HOOKS_MAX: usize = 50;

/// Flags that one `--with-dependencies` may turn on together.
pub const DEPENDENCIES_TOGETHER_MAX: usize = 20;

/// Entries of a flag's rollout log that `rollout status` shows.
pub const ROLLOUT_ENTRIES_SHOWN: u32 = 20;

/// Characters of a note or an announcement: a chat message. More are refused.
pub const NOTE_CHARACTERS_MAX: usize = 3_000;

/// Characters of a deployment's branch or tag. More are refused.
pub const REFERENCE_CHARACTERS_MAX: usize = 255;

/// Names of projects, groups or users that a completion looks through.
pub const COMPLETED_NAMES_MAX: u32 = 100;

/// Deliveries that one call of replay takes: what a person waits for; the answer says when there are more.
pub const REPLAY_MAX: u64 = 100_000;
/// Deliveries that replay writes at a time, between which others write.
pub const REPLAY_SLICE: u32 = 1_000;

/// How long a chain of events that caused each other is known, as in GitLab.
pub const CHAIN_LIVES: Duration = Duration::from_secs(30 * 60);
/// Hooks that one chain may call; the next is blocked, as in GitLab.
pub const CHAIN_HOOKS_MAX: usize = 100;
/// Events of one chain that are looked at; a longer one is blocked.
pub const CHAIN_EVENTS_MAX: u32 = 1_000;

/// The longest that nobody looks for changes of health although nothing rings.
pub const NOTICE_LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long taking them rests after each turn.
pub const NOTICE_REST: Duration = Duration::from_millis(250);
/// Changes of health that are taken at once; more follow.
pub const NOTICE_CHANGES_TURN_MAX: u32 = 64;
/// How long mail and chat gather before the first message: hooks that fail together are told of together.
pub const NOTICE_GATHER: Duration = Duration::from_secs(15);
/// The shortest time between two mails to one person about hooks.
pub const NOTICE_MAIL_EVERY: Duration = Duration::from_secs(3_600);
/// Mails about hooks that are made and sent at once; more wait their turn, so that neither memory nor the mail server is
/// overrun when many people are to be told.
pub const NOTICE_MAILS_AT_ONCE_MAX: usize = 4;
/// The shortest time between two messages in the operator's chat about hooks.
pub const NOTICE_CHAT_EVERY: Duration = Duration::from_secs(60);
/// Notices that one message tells of; what is beyond them goes out with the next.
pub const NOTICE_READ_MAX: u32 = 10_000;
/// Events about hooks that are published in one turn; more follow.
pub const NOTICE_EVENTS_TURN_MAX: u32 = 100;
/// People who are told of one hook by mail; of more, those with the highest levels.
pub const NOTICE_RECIPIENTS_MAX: usize = 100;
/// Hooks that a mail names; of more it says how many.
pub const NOTICE_MAIL_NAMED_MAX: usize = 20;
/// Hooks that a chat message names; of more it says how many.
pub const NOTICE_CHAT_NAMED_MAX: usize = 5;
/// Characters of a name or path in a message; longer ones are cut.
pub const NOTICE_NAME_CHARACTERS_MAX: usize = 100;
/// Characters of an error in a message; longer ones are cut.
pub const NOTICE_ERROR_CHARACTERS_MAX: usize = 300;
/// The time that the operator's chat has for an answer.
pub const NOTICE_CHAT_DEADLINE: Duration = Duration::from_secs(10);
/// Bytes of its answer that are read: enough to say why it refuses.
pub const NOTICE_CHAT_ANSWER_BYTES_MAX: usize = 500;
