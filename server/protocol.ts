/**
 * What crosses between server and client beyond standard LSP: plain data, the only file both sides import.
 *
 * Invariant: additive changes only; an editor that ignores all of it loses the panel and nothing else.
 */

/** 1-based line and column, path absolute where the file is on disk, else relative to the tree. */
export interface SourcePlace {
	readonly path: string;
	readonly line: number;
	readonly column: number;
	readonly endLine: number;
	readonly endColumn: number;
}

export type Verdict = 'holds' | 'violated' | 'inconclusive' | 'unsupported';

/** Notification `racewalk/verdicts`: what the gutter, the lens and the status bar show for one document. */
export interface VerdictsParams {
	readonly uri: string;
	readonly version: number;
	/** `checking`: an exploration for a newer text is under way; what is shown is stale. `failed`: internal error, see log. */
	readonly freshness: 'fresh' | 'checking' | 'failed';
	readonly functions: readonly {
		readonly name: string;
		readonly line: number;
		readonly verdict: Verdict;
		/** One sentence for a tooltip. */
		readonly why: string;
		/** What came of each adversary, alone or in a pair; absent: the text is being checked. */
		readonly against?: readonly { readonly actor: string; readonly verdict: Verdict }[];
	}[];
	/** Lines that no explored run came to, or a condition that was the same in all of them; absent: none. */
	readonly unreached?: readonly { readonly line: number; readonly why: string }[];
	/** Line of the newest text that does not parse, while what is said is of a text before; absent: it is of that text. */
	readonly unparsed?: number;
	/** Findings, suppressed ones left out. */
	readonly findings?: number;
	/** Other architectures on which a function that breaks no rule here breaks one; absent: none is known. */
	readonly elsewhere?: readonly string[];
	readonly arch: string;
	readonly memory: string;
	readonly milliseconds: number;
	/** Scenarios that are still to be explored; absent: none. */
	readonly left?: number;
}

export interface TracePanelStep {
	readonly cpu: number;
	readonly thread: string;
	readonly function: string;
	/** What people call it where it is a step of the model and no function of the kernel's text; absent: by its name. */
	readonly model?: string;
	readonly place: SourcePlace;
	/** Source text of the line, trimmed. */
	readonly text: string;
	readonly what: string;
	readonly effects: readonly {
		readonly location: string;
		readonly read: string | null;
		readonly wrote: string | null;
	}[];
	readonly stack: readonly {
		readonly function: string;
		readonly model?: string;
		readonly place: SourcePlace;
	}[];
	readonly violation: string | null;
}

/** How two steps hang together by one location, by LKMM's names: `rf` (reads from), `co` (the next write), `fr` (overwritten by). */
export interface TracePanelRelation {
	readonly kind: 'rf' | 'co' | 'fr';
	readonly location: string;
	/** Index of a step; null, of `rf` alone: the value is the initial one. */
	readonly from: number | null;
	readonly to: number;
}

/** What a CPU is in, or holds, from the end of one step (null: before the first) until another (null: to the end of the run). */
export interface TracePanelSpan {
	readonly cpu: number;
	readonly kind: 'irq' | 'rcu' | 'preempt' | 'lock' | 'reference';
	/** The lock, or what the reference is on; empty for sections. */
	readonly what: string;
	readonly from: number | null;
	readonly to: number | null;
}

/** Result of the command `racewalk.simulate`. */
export interface TracePanelContent {
	readonly id: string;
	readonly uri: string;
	readonly title: string;
	/** Rule id and message when the run goes wrong; null for a witness run. */
	readonly finding: { readonly rule: string; readonly message: string } | null;
	/** The function's; null: it has none (yet). */
	readonly verdict: Verdict | null;
	readonly scenario: string;
	readonly threads: readonly string[];
	readonly steps: readonly TracePanelStep[];
	readonly initial: readonly { readonly location: string; readonly value: string }[];
	/** The run as kernel commit messages draw it: a column per CPU. */
	readonly twoColumn: string;
	/** What the run answers, where a question was asked; to be shown above it. */
	readonly note?: string;
	/** What was decided of the claim that was asked about; absent: none was. */
	readonly claim?: 'true' | 'false' | 'undecided';
	/** Absent: it is not known (any more). */
	readonly relations?: readonly TracePanelRelation[];
	readonly spans?: readonly TracePanelSpan[];
	/** What saved a run that breaks no rule; absent: nothing can be said. */
	readonly saved?: {
		/** A sentence. */
		readonly text: string;
		/** The guard, and the run without it; absent: no single one. */
		readonly guard?: { readonly place: SourcePlace; readonly trace: string };
	};
	/** The run is not of the code as it stands: what was taken away. */
	readonly supposed?: string;
}

/** Arguments of the command `racewalk.simulate` (workspace/executeCommand). */
export interface SimulateParams {
	readonly uri: string;
	/** Function to simulate. */
	readonly function: string;
	/** Adversary, or null for whichever breaks it first. */
	readonly actor: string | null;
	/** A finding's trace id to replay, or null to search. */
	readonly trace: string | null;
	/** Protections to take away (words of `--what-if`); absent: none. */
	readonly whatIf?: readonly string[];
	/** Id of a claim of a comment to decide instead; absent: none. */
	readonly claim?: string;
	/** Not the run `trace` itself, which breaks a rule: the one that shares the most with it and breaks none. */
	readonly nearest?: true;
}

/** Result of the commands `racewalk.litmus.run` and `racewalk.litmus.explain`, which are given a `uri`: what to show; `dot` and `svg` are empty when there is nothing to draw. */
export interface LitmusDocument {
	readonly uri: string;
	readonly title: string;
	readonly text: string;
	readonly dot: string;
	readonly svg: string;
}

/** Arguments of `racewalk.simulateAgainst`: the user picks one of the adversaries, and its run is shown. */
export interface SimulateAgainstParams {
	readonly uri: string;
	readonly function: string;
	/** Those that break the function come first. */
	readonly choices: readonly { readonly actor: string; readonly verdict: Verdict }[];
}

/** Arguments of the client command `racewalk.suppress`: asks for the reason and writes the comment. */
export interface SuppressParams {
	readonly uri: string;
	/** Of the text that the line is of. */
	readonly version: number;
	/** 1-based line above which the comment goes. */
	readonly line: number;
	readonly indent: string;
	readonly rule: string;
}

export const NOTIFICATION_VERDICTS = 'racewalk/verdicts';
export const COMMAND_SIMULATE = 'racewalk.simulate';
/** Where the client shows no list of its own: the server asks which. */
export const COMMAND_SIMULATE_AGAINST = 'racewalk.simulateAgainst';
export const COMMAND_LITMUS_RUN = 'racewalk.litmus.run';
export const COMMAND_LITMUS_EXPLAIN = 'racewalk.litmus.explain';
/** Client command behind a code lens or action: opens the panel on SimulateParams. */
export const CLIENT_COMMAND_OPEN_TRACE = 'racewalk.openTrace';
/** Client command: lets the user pick from SimulateAgainstParams, and opens the panel. */
export const CLIENT_COMMAND_PICK_ADVERSARY = 'racewalk.pickAdversary';
/** Client command with SuppressParams. */
export const CLIENT_COMMAND_SUPPRESS = 'racewalk.suppress';

/** Notification `racewalk/recheck` (client to server) with a `uri`: forget what is cached and check the open documents again. */
export const NOTIFICATION_RECHECK = 'racewalk/recheck';

/**
 * Notification `racewalk/trust` (client to server), and part of `initializationOptions`: whether the user trusts the workspace.
 * From an editor that never says so, a workspace's adversary takes the place of one of racewalk's only where the setting
 * `racewalk.trustWorkspaceActors` allows it.
 */
export interface TrustParams {
	readonly workspaceTrusted: boolean;
}
export const NOTIFICATION_TRUST = 'racewalk/trust';

/** Request `racewalk/about` (client to server): all that is known of a position, for a view beside the text; null: nothing. */
export interface AboutParams {
	readonly textDocument: { readonly uri: string };
	/** 0-based. */
	readonly position: { readonly line: number; readonly character: number };
}

export interface AboutEntry {
	readonly text: string;
	/** Where it is, 0-based, in the text as it stands; absent: nowhere to go. */
	readonly at?: { readonly uri: string; readonly line: number };
	/** What `racewalk.simulate` is given for a run that shows it; absent: there is none. */
	readonly run?: SimulateParams;
}

export interface AboutAnswer {
	readonly sections: readonly {
		readonly title: string;
		readonly items: readonly AboutEntry[];
	}[];
	/** What is said is about a text before the last edit. */
	readonly stale: boolean;
}
export const REQUEST_ABOUT = 'racewalk/about';

/** Request `racewalk/doctor` (client to server): what racewalk has to work with, and what is missing. */
export interface DoctorParams {
	/** The document the user looks at; null: none. */
	readonly uri: string | null;
}

export interface DoctorAnswer {
	readonly findings: readonly {
		readonly what: string;
		readonly state: 'right' | 'wrong' | 'note';
		readonly detail: string;
		/** What the user can do; absent: nothing is to be done. */
		readonly mend?: string;
	}[];
}
export const REQUEST_DOCTOR = 'racewalk/doctor';
