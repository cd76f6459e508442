/**
 * Reads claims out of sentences: a small grammar of English as kernel comments are written in, subject, predicate, scope. What
 * is a wish, a rule, a condition or a counterfactual ("should", "must", "make sure", "if", "otherwise") claims nothing of
 * what the code does, and is not read as if it did.
 *
 * Invariant: decides by words alone; no name of a function, no line. A sentence that is not understood gives no claim.
 */
import {
	type Claim,
	type ClaimEvent,
	type ClaimScope,
	type ClaimSubject,
	claimKey,
} from '../../../engine/questions/claims/claim.js';
import { orderClaim } from './order.js';
import { BROKEN_BY, scopeIn, subjectsIn, VERBS } from './vocabulary.js';

/** What sentences before it in the same comment left open. */
export interface Context {
	/** The scope they speak of, or null. */
	readonly scope: ClaimScope | null;
}

export interface Understood {
	readonly claims: readonly Claim[];
	readonly context: Context;
}

/**
 * Characters of a sentence at most: a longer one is not understood. Its patterns are tried from each of its words, so that
 * their work grows with the square of the sentence, and with the text only as a whole.
 */
const SENTENCE_MAX = 600;

/** The claims of a sentence, in order, and what it leaves to the next. */
export function claimsIn(sentence: string, context: Context): Understood {
	if (sentence.length > SENTENCE_MAX) return { claims: [], context };
	const text = plain(sentence);
	const own = scopeIn(text);
	const scope = own ?? context.scope;
	const order = orderClaim(text);
	if (order !== null) return { claims: [order], context: { scope } };
	if (COUNTERFACTUAL.test(text) || PARAMETER.test(text)) return { claims: [], context: { scope } };
	const told = whoClaims(text);
	if (told === null) return { claims: [], context: { scope } };
	const all: Claim[] = [];
	const assumed = /\bassum(?:es?|ing)\b/.test(told.said);
	let subject: ClaimSubject | null = null;
	for (const clause of clausesOf(told.said)) {
		const inside = scopeIn(clause.text) ?? (FROM_HERE.test(clause.text) ? 'here' : scope);
		for (const read of clauseClaims(clause, { scope: inside, it: subject, assumed })) {
			const claim = told.denied ? opposite(read) : read;
			if (!all.some((c) => claimKey(c) === claimKey(claim))) all.push(claim);
		}
		subject = subjectsIn(clause.text).at(-1)?.subject ?? subject;
	}
	// said as the reason of something else it is that claim's scope
	const isReason = all.some((c) => c.kind === 'event' && c.scope === 'interrupts-off');
	const claims = all.filter(
		(c) => !(isReason && !assumed && c.kind === 'state' && c.state === 'interrupts-off'),
	);
	const held = claims.some((c) => c.kind === 'state' && c.state === 'reference-held' && c.holds);
	const off = claims.some((c) => c.kind === 'state' && c.state === 'interrupts-off' && c.holds);
	return {
		claims,
		context: { scope: held ? 'reference' : off ? 'interrupts-off' : (own ?? context.scope) },
	};
}

/** Lower case, without emphasis, contractions written out. */
function plain(sentence: string): string {
	return sentence
		.toLowerCase()
		.replace(/[\u2018\u2019]/g, "'")
		.replace(/\b(\w+)->(mapping|page|_refcount)\b/g, '$1 $2')
		.replace(/(?<![\w(])[*_]([a-z][a-z -]*)[*_](?!\w)/g, '$1')
		.replace(/\bcan't\b|\bcan not\b/g, 'cannot')
		.replace(/\bwon't\b/g, 'will not')
		.replace(/\b(\w+)n't\b/g, '$1 not')
		.replace(/\b(it|that|there|he|she)'s\b/g, '$1 is')
		.replace(/\b(we|they|you)'re\b/g, '$1 are')
		.replace(/["`]/g, '')
		.replace(/\s+/g, ' ');
}

/** What holds at the place of a comment, and on from there. */
const FROM_HERE = /\b(?:here|at this point|by now|(?:from )?(?:here|now) on|from this point on)\b/;

/** `it is not true that …`, `we wrongly assumed that …`: the contrary is claimed. */
const DENIED =
	/^(?:(?:but|however|note that|so|and),? )*(?:(?:it|this|that) (?:is|was) (?:simply |just |plainly |also )?(?:not (?:true|the case|so|correct|right)|untrue|false|wrong|incorrect|a (?:myth|mistake|misconception))(?: to (?:assume|think|say|believe|claim))?|(?:\w+ ){0,6}?(?:wrongly|mistakenly|incorrectly|falsely|erroneously) (?:assume[sd]?|believe[sd]?|th(?:ink|inks|ought)|claim(?:s|ed)?|sa(?:y|ys|id))|there is no guarantee) that\b/;

/** What others say, or what was believed once, is no claim of the comment. */
const OTHERS =
	/\b(?:(?:some(?:body|one)?|people|others?|they|many|you|one|reviewers?|the (?:old|former|previous|original) (?:comment|code|text|version)|(?:it|this|that) (?:is|was|has been)) (?:\w+ ){0,2}?(?:claim(?:s|ed)?|th(?:ink|inks|ought)|sa(?:y|ys|id)|believe[sd]?|argued?|suggest(?:s|ed)?|assumed|used to be)|we (?:once |used to )?(?:assumed|thought|believed|used to (?:assume|think|believe)))\b/;

/** What is said, and whether it is denied; null: somebody else says it. */
function whoClaims(text: string): { readonly said: string; readonly denied: boolean } | null {
	const denied = DENIED.exec(text);
	if (denied !== null) return { said: text.slice(denied[0].length).trim(), denied: true };
	return OTHERS.test(text) ? null : { said: text, denied: false };
}

function opposite(claim: Claim): Claim {
	switch (claim.kind) {
		case 'event':
			// what happens at all happens in some function; what never does, as long as it matters
			if (claim.modality === 'never')
				return {
					...claim,
					modality: 'possible',
					scope: claim.scope === 'use' ? 'function' : claim.scope,
				};
			return { ...claim, modality: 'never' };
		case 'state':
			return { ...claim, holds: !claim.holds };
		case 'order':
			return claim;
	}
}

/** Says what would be, not what is. */
const COUNTERFACTUAL = /\b(?:otherwise|without|would|unless|if only|were it not|in theory)\b/;

/** kernel-doc of a parameter. */
const PARAMETER = /(?:^|\s)@\w+:/;

interface Clause {
	readonly text: string;
	/** It stands in brackets: an aside, which explains and does not claim. */
	readonly aside: boolean;
}

const BETWEEN =
	/[;:]| -+ |, (?:and |but |so |or )?(?=(?:so|which|thus|hence|therefore|but|because|however|that|and|now)\b)|,? \b(?:which means(?: that)?|and thus|because|so that)\b|,? and (?=(?:the|an?|our|this|its|pages?|folios?|inodes?|mappings?|page tables?)\b[^,;]*\b(?:cannot|will|may|might|can|could|is|are|stays?|remains?)\b)|\bbut\b|\bso (?=now\b|we\b|the\b)/g;

function clausesOf(text: string): readonly Clause[] {
	const asides = [...text.matchAll(/\(([^()]*[a-z]{3,} [^()]*)\)/g)].map((m) => m[1] ?? '');
	const main = text.replace(/\([^()]*\)/g, ' ');
	const cut = (part: string, aside: boolean): readonly Clause[] =>
		part
			.split(BETWEEN)
			.map((t) => t.trim())
			.filter((t) => t !== '')
			.map((t) => ({ text: t, aside }));
	return [...cut(main, false), ...asides.flatMap((a) => cut(a, true))];
}

/** A wish, a rule, an order, a condition, a question. */
const NORM =
	/\b(?:should|must|shall|needs?|want(?:s|ed)?|ought|(?:have|has|had) to|(?:would|'d) like|make sure|makes sure|ensures?|tr(?:y|ies) to|avoid|guarantees?|whether|let us|please|supposed|expect(?:s|ed)?|in order to)\b/;
const CONDITION =
	/^(?:and |but |or |so |then |also )*(?:in case|suppose|when(?! irqs| interrupts)|unless)\b|\bif\b|\bfrom (?:this|the) function\b/;
const SCOPE_CLAUSE =
	/^(?:and |but |so )*(?:while|once|after|before|until|because|since|as long as|as|when|with)\b/;

/** What somebody cannot know is no condition of what was said before. */
const ASKED = /\b(?:determine|know|tell|decide|see) (?:if|whether)\b.*$/;

interface Around {
	readonly scope: ClaimScope | null;
	/** What `it` stands for. */
	readonly it: ClaimSubject | null;
	/** The sentence says what is assumed of the caller. */
	readonly assumed: boolean;
}

function clauseClaims({ text: whole, aside }: Clause, around: Around): readonly Claim[] {
	const text = whole.replace(ASKED, '').trim();
	if (NORM.test(text) || CONDITION.test(text)) return [];
	const found: Claim[] = [];
	if (!aside) found.push(...stateClaims(text, around));
	const event = eventClaim(text, around);
	if (event !== null && (!aside || event.modality === 'possible')) found.push(event);
	return found;
}

const WHO =
	'(?:gup-fast|fast-gup|fast gup|gup|we|the walk(?:er)?|the caller|this function|the fast path)';
const HERE = '(?:here|at this point|now|by now|already|still)';

function stateClaims(text: string, { assumed }: Around): readonly Claim[] {
	const claims: Claim[] = [];
	const add = (state: (Claim & { kind: 'state' })['state'], holds: boolean): void => {
		claims.push({ kind: 'state', state, holds });
	};
	const says = (pattern: string): boolean => new RegExp(pattern).test(text);
	const isScope = SCOPE_CLAUSE.test(text);
	const off = '(?:(?:local )?(?:interrupts|irqs))';
	const isOff = `\\b${off} (?:are|have been|were) (?:all |now |still |already |always )?(?:disabled|off)\\b`;
	const isOn = `\\b${off} (?:are|have been|were) (?:all |now |still |already |always )?(?:not (?:disabled|off)|enabled|on)\\b`;
	const byWhom = `^(?:\\w+ ){0,3}?${WHO} (?:has |have |always |also )*(?:disables?|disabled|runs? with) ${off}`;
	if (!isScope || assumed) {
		const bare =
			assumed || says(`^(?:(?:${HERE}|and|so|also),? )*${isOff.slice(2)}(?: ${HERE})?[.]?$`);
		if ((bare && says(isOff)) || says(byWhom)) add('interrupts-off', true);
		else if (says(isOn) && (assumed || says(HERE))) add('interrupts-off', false);
	}
	const article = '(?:(?:a|an|the|our|its|any|no|stable|extra|folio|page|valid) )*';
	const ofFolio =
		'(?! (?:to|of|on|for) (?!(?:(?:a|an|the|this|that|our) )?(?:folio|page|it\\b|them)))';
	const begin = assumed ? '\\b' : `^(?:(?:${HERE}|here|so|and|also|since|then),? )*`;
	const hold = `${begin}${WHO} (?:now |still |already |only )*(?:hold|holds|have|has|are holding|is holding|(?:have |has )?taken|took) ${article}(?:reference|refcount|ref|pin)\\b${ofFolio}`;
	const denied = `${begin}${WHO} (?:do|does|did|have|has) (?:not|no)(?: yet)? (?:hold|have|taken|holding)? ?${article}(?:reference|refcount|ref|pin)\\b|\\bhold(?:s)? no (?:reference|pin)\\b|\\bno (?:reference|pin) is held\\b`;
	const pinned = `\\b${WHO} (?:has |have )(?:already )?(?:pinned|referenced|grabbed) (?:the|this) (?:folio|page)\\b`;
	if (!isScope || assumed) {
		if (says(denied)) add('reference-held', false);
		else if (says(hold) || says(pinned)) add('reference-held', true);
	}
	const maps =
		'\\b(?:entry|pte|pmd|page table level|page table) still (?:points? (?:to|at)|maps) (?:the|this|our) (?:folio|page)\\b';
	const mapsNot =
		'\\b(?:entry|pte|pmd) no longer (?:points? (?:to|at)|maps) (?:the|this|our) (?:folio|page)\\b';
	if (says(maps)) add('still-mapped', true);
	else if (says(mapsNot)) add('still-mapped', false);
	return claims;
}

/** How a predicate was said: it cannot, it stays, something keeps it from; or it can. */
interface Predicate {
	readonly subject: ClaimSubject;
	readonly events: readonly ClaimEvent[];
	readonly modality: 'never' | 'possible';
}

function eventClaim(text: string, around: Around): (Claim & { kind: 'event' }) | null {
	const predicate =
		kept(text, around) ?? passive(text, around) ?? stative(text, around) ?? active(text);
	if (predicate === null) return null;
	if (/\buntil\b/.test(text) && scopeIn(text) === null) return null;
	const { subject, events, modality } = predicate;
	const isFreed = events.every((e) => e === 'freed');
	const scope = around.scope ?? (isFreed && modality === 'never' ? 'use' : 'function');
	return { kind: 'event', subject, events, modality, scope };
}

/** `… blocks page table pages from being freed`, `the folio is protected from being freed`; denied, it can happen. */
function kept(text: string, around: Around): Predicate | null {
	const being = `(?:from|against) (?:being |getting |having been )?(?:\\w+ )??(?<verb>${VERBS})\\b`;
	const denied =
		'(?<not>(?:do|does|did|will|cannot|can) ?not |cannot |never |no longer |(?:nothing|nobody|no one|none) (?:\\w+ ){0,2}?)?';
	const verb = '(?:blocks?|prevents?|keeps?|stops?|protects?|guards?)';
	const found =
		new RegExp(`(?<!\\bto )\\b${denied}(?<!\\bto )${verb} (?<what>.+?) ${being}`).exec(text) ??
		new RegExp(
			`^(?<what>.+?) (?:is|are) (?<not>not )?(?:protected|kept|prevented|safe) ${being}`,
		).exec(text);
	if (found === null) return null;
	const { not, what = '', verb: happens = '' } = found.groups ?? {};
	return predicateOf(what, happens, not === undefined ? 'never' : 'possible', around);
}

/** `the mapping cannot be freed`, `the mapping may have been truncated`. */
function passive(text: string, around: Around): Predicate | null {
	const never =
		'(?:cannot|can never|can no longer|will not|will never|is never|are never|is not|are not|never|does not|do not)';
	const can = '(?:may|might|can|could|will|was|were)';
	// in whatever order, each word in one way: two groups that could share words would try all ways to share them
	const between =
		'(?:still |already |also |then |well |ever |just |simply |now |meanwhile |even |thus |be |been |have |get |being |going to |become |go |turn )*';
	const source = `^(?<what>.+?) (?<modal>${never}|${can}) ${between}(?<verb>${VERBS})\\b`;
	const found = new RegExp(source).exec(text);
	if (found === null) return null;
	const { what = '', modal = '', verb = '' } = found.groups ?? {};
	if (
		/^(?:was|were|will)$/.test(modal) &&
		!/\b(?:could|may|might) (?:be|have been) that\b/.test(what)
	)
		return null;
	const isNever = new RegExp(`^${never}$`).test(modal);
	// "can" also says what somebody is able to do: it is a race that is spoken of when something says so
	if (modal === 'can' && around.scope === null && !RACING.test(text)) return null;
	// "does not clear it" is said of who does it
	if (/^do(?:es)? not$/.test(modal) && subjectsIn(what).at(-1)?.end !== what.length) return null;
	// "is not changed" is told of what was seen, not of what can be
	if (/^(?:is|are) not$/.test(modal) && around.scope === null) return null;
	return predicateOf(what, verb, isNever ? 'never' : 'possible', around);
}

/** `the folio stays stable`, `the folio is not stable`. */
function stative(text: string, around: Around): Predicate | null {
	const still = '(?:still |always |thus |therefore |now )*';
	const source = `^(?<what>.+?) (?<verb>(?:is|are|stays?|remains?|will (?:be|stay|remain)|keeps? being|being)(?<not> not| no longer| never)?|(?:does|do|will|need|cannot|can)(?<dont> ?not) (?:stay|remain|be)) ${still}(?<state>STATES)\\b`;
	const states = Object.keys(BROKEN_BY).join('|');
	const found = new RegExp(source.replace('STATES', states)).exec(text);
	if (found === null) return null;
	const { what = '', verb = '', not, dont, state = '' } = found.groups ?? {};
	const subject = subjectOf(what, around.it);
	const rule = BROKEN_BY[state];
	if (subject === null || rule === undefined) return null;
	const lasting = /^(?:stay|remain|will (?:stay|remain)|keep|do|does|can)/.test(verb);
	if (rule.lastingOnly && !lasting) return null;
	const events = rule.events[subject];
	if (events === undefined) return null;
	const denied = not !== undefined || dont !== undefined;
	return { subject, events, modality: denied ? 'possible' : 'never' };
}

/** `there may be operations which alter the mapping`, `another CPU can free the page table`. */
function active(text: string): Predicate | null {
	const who =
		'(?:there (?:may|might|can|could) be (?:\\w+ ){1,4}?(?:which|that|to)|(?:another|other|some other|any) (?:\\w+ )?(?:cpus?|threads?|tasks?|process(?:es)?|operations?) (?:may|might|can|could)|(?:somebody|someone|anybody|truncation|reclaim|munmap\\(?\\)?|zap) (?:may|might|can|could)|there (?:may|might|can|could) be an? (?:concurrent|racing))';
	const found = new RegExp(
		`\\b${who} (?:still |already |also |then )*(?<verb>${VERBS})\\b(?<what>.*)$`,
	).exec(text);
	if (found === null) return null;
	const { verb = '', what = '' } = found.groups ?? {};
	if (/^write[- ]?protect/.test(verb) && subjectsIn(what).length === 0)
		return { subject: 'pte', events: ['write-protected'], modality: 'possible' };
	const [first] = subjectsIn(what);
	const subject = first?.subject ?? null;
	return subject === null ? null : done(subject, verb, 'possible');
}

function predicateOf(
	what: string,
	verb: string,
	modality: Predicate['modality'],
	around: Around,
): Predicate | null {
	const subject = subjectOf(what, around.it);
	return subject === null ? null : done(subject, verb, modality);
}

function done(
	subject: ClaimSubject,
	verb: string,
	modality: Predicate['modality'],
): Predicate | null {
	const meaning = meaningOf(subject, verb);
	return meaning === null ? null : { ...meaning, modality };
}

/** The subject a predicate is about: the last one before it, with nothing but its own words in between. */
function subjectOf(words: string, it: ClaimSubject | null): ClaimSubject | null {
	const last = subjectsIn(words).at(-1);
	const tail = last === undefined ? '' : words.slice(last.end);
	if (last !== undefined && /^[^,]{0,28}$/.test(tail) && !NOT_ITS_OWN.test(tail))
		return last.subject;
	return /\b(?:it|they|that|this)$/.test(words.trim()) ? it : null;
}

/** Behind a subject: it is narrowed down to some, or is no subject of what follows. */
const NOT_ITS_OWN =
	/\b(?:that|which|who|when|where|can|may|might|could|will|would|to|not|cannot)\b/;
/** Says that somebody else is at work meanwhile. */
const RACING =
	/\b(?:already|meanwhile|concurrently|at any (?:time|moment|point)|any ?time|under (?:us|it)|beneath (?:us|it)|by (?:another|other|somebody|someone)|in parallel|racing)\b/;

/** What a verb means for a subject; null where it means nothing that is decided. */
function meaningOf(
	subject: ClaimSubject,
	verb: string,
): { readonly subject: ClaimSubject; readonly events: readonly ClaimEvent[] } | null {
	if (
		/^(?:free|releas|reclaim|deallocat|torn|vanish|disappear|go(?:es|ing)? away|away|gone|reus|recycl|realloc|evict|go anywhere|going anywhere|anywhere)/.test(
			verb,
		)
	) {
		if (subject === 'mapping') return { subject: 'address-space', events: ['freed'] };
		if (subject === 'pte' || subject === 'pmd') return null;
		return { subject, events: ['freed'] };
	}
	if (/^(?:chang|alter|modif|updat)/.test(verb)) {
		const isField = subject === 'mapping' || subject === 'pte' || subject === 'pmd';
		return isField ? { subject, events: ['changed'] } : null;
	}
	if (/^(?:truncat|null|set to null|cleared?|clears?|clearing)/.test(verb)) {
		if (subject === 'pte' || subject === 'pmd') return { subject, events: ['emptied'] };
		if (subject === 'mapping') return { subject, events: ['emptied'] };
		return subject === 'folio' && verb.startsWith('truncat')
			? { subject: 'mapping', events: ['emptied'] }
			: null;
	}
	if (/^(?:unmap|zap)/.test(verb)) {
		if (subject === 'pte' || subject === 'pmd') return { subject, events: ['emptied'] };
		return subject === 'folio' ? { subject, events: ['unmapped'] } : null;
	}
	if (/^split/.test(verb)) return subject === 'folio' ? { subject, events: ['split'] } : null;
	if (/^write/.test(verb))
		return subject === 'pte' || subject === 'pmd' ? { subject, events: ['write-protected'] } : null;
	return null;
}
