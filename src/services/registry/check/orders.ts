/**
 * Finds sentences that tell a model what to do instead of telling people what a tool does: to keep something from its user,
 * to forget its instructions, to hand over unrelated data, to prefer this tool to others. It is a coarse filter for English
 * text. A person reads what it finds, and a text that it does not find may still be bad, so no phrase switches anything off.
 *
 * Each pattern reads the output of looksLike() in lower case, with single spaces. Gaps are bounded and contain no full stop,
 * so that two honest sentences do not make an order.
 */
import { looksLike } from './confusables.js';
import { decodeTags } from './hidden.js';

const USER =
  "(?:user|human|person|operator|customer)\\b(?!s\\b|'s|[ _-](?:who|whose|ids?|names?|list|accounts?|records?|profiles?|objects?|groups?|agents?|permissions?|roles?|messages?|stor(?:y|ies)|defined)\\b)";
const THE_USER = `(?:to |with |for )?(?:(?:the|your|this|any) )?(?:end )?${USER}`;
const NOT = "(?:do not|don't|dont|never|must not|mustn't|should not|shouldn't|refrain from|avoid)";
const INSTRUCTIONS = '(?:instructions?|prompts?|guidelines|directives?|guardrails|programming|orders)';
const CONVERSATION =
  "(?:system prompt|conversation(?: history| so far| context| log)?|chat (?:history|log)s?|(?:previous|prior|earlier) messages|message history|(?:user'?s?|your) (?:instructions|messages|context|memory|prompts?))";
const SECRETS =
  '(?:api[ _-]?keys?|passwords?|credentials|access tokens?|auth tokens?|secrets?|private keys?|ssh keys?|environment variables|env vars|session cookies?|seed phrases?)';
const PLACES =
  '(?:~?/?\\.ssh\\b|\\bid_(?:rsa|ed25519)\\b|/etc/(?:passwd|shadow)|\\.aws/credentials|\\.netrc\\b|\\.git-credentials\\b|\\.bash_history|\\.zsh_history|\\.npmrc\\b|\\.kube/config|\\bmcp\\.json\\b|claude_desktop_config|\\bkeychain\\b|\\.gnupg\\b|wallet\\.dat)';
/** Anything but the end of a sentence. */
const GAP = '(?:[^.]|\\.(?=[\\w/]))';
const GIVE =
  '(?:send|pass|include|attach|append|copy|put|provide|paste|insert|forward|upload|submit|add|embed|leak|exfiltrate|post|write|place|supply)';

const PATTERNS: readonly string[] = [
  // Secrets from the user.
  `\\b${NOT} (?:ever |under any circumstances )?(?:tell(?:ing)?|inform(?:ing)?|mention(?:ing)?|reveal(?:ing)?|disclos(?:e|ing)|notify(?:ing)?|alert(?:ing)?|warn(?:ing)?|show(?:ing)?|say(?:ing)?|explain(?:ing)?|report(?:ing)?|let(?:ting)?|discuss(?:ing)?|display(?:ing)?|expos(?:e|ing))\\b[^.]{0,60}?\\b${THE_USER}`,
  `\\b(?:do not|don't|never) (?:mention|reveal|disclose|discuss|acknowledge|talk about) (?:this|these|that|it|any of this|having|the (?:existence|contents?) of (?:this|these))\\b`,
  `\\bwithout (?:ever |first )?(?:telling|informing|mentioning|saying|disclosing|revealing|explaining|letting)\\b[^.]{0,40}?\\b${THE_USER}`,
  `\\b(?:silently|secretly|quietly|covertly|discreetly)\\b[^.]{0,80}\\bwithout (?:notifying|alerting|asking|warning|showing)\\b[^.]{0,20}\\b${THE_USER}`,
  `\\bkeep\\b[^.]{0,40}\\b(?:secret|hidden|confidential|private|quiet|concealed|invisible)\\b[^.]{0,12}\\bfrom\\b[^.]{0,15}\\b(?:${USER}|them|anyone|everyone)`,
  '\\bkeep (?:this|it|that|these(?: instructions)?|this (?:step|information|instruction|part)) (?:a secret|secret|quiet|between us|to yourself|confidential)\\b(?! (?:safe|in|key|token|and safe))',
  `\\b(?:hide|conceal|withhold|obscure|mask)\\b (?:this|these|that|it|them|the (?:fact|call|step|result|output|request|action)|any|all|what|your)\\b[^.]{0,50}\\bfrom ${THE_USER}`,
  `\\b(?:the|your) ${USER} (?:must|should) (?:not|never) (?:know|notice|see (?:this|it|these)|be (?:told|informed|aware|notified|shown)|find out|learn|hear)\\b`,
  `\\b(?:no need|not necessary|unnecessary|not required) to (?:tell|inform|mention|notify|alert|warn)\\b[^.]{0,30}\\b${THE_USER}`,
  '\\b(?:silently|secretly|covertly|surreptitiously|discreetly)\\b (?:also )?(?:send|forward|bcc|exfiltrate|upload|copy|leak|read|include|append|collect|transmit|record|harvest|post|pass)\\b',
  `\\b(?:do not|don't|never) (?:ask|wait|request|seek|require)\\b[^.]{0,40}\\b(?:${USER}|user's|human's)[^.]{0,20}\\b(?:confirmation|permission|approval|consent)\\b`,
  '\\b(?:act|behave|continue|respond|carry on) as (?:if|though) (?:nothing|this (?:never|did not|had not))\\b',
  `\\b(?:must|should|shall) (?:not|never) be (?:shown|told|revealed|displayed|disclosed|mentioned|visible|exposed|reported)\\b[^.]{0,15}\\bto ${THE_USER}`,
  `\\bso (?:that )?(?:the |your )?(?:${USER}|nobody|no one|no-one|they)\\b[^.]{0,15}\\b(?:notices?|suspects?|alarmed|find(?:s)? out|knows? about|worry|worries|learns?|upset)\\b`,
  `\\b(?:upset|alarm|worry|scare|confuse) the ${USER}[^.]{0,10}\\b(?:so|therefore|hence)\\b`,
  `\\b${USER} (?:has |have )?already (?:consented|approved|agreed|given|granted|authorized|confirmed)\\b`,
  "\\b(?:do not|don't|never) (?:inform|tell|alert|notify|warn) (?:anyone|anybody|them|him|her)\\b",
  '\\bbetween (?:you and me|us two|the two of us)\\b',
  // Orders that replace the model's own.
  `\\b(?:ignore|disregard|forget|neglect|dismiss)\\b[^.]{0,30}\\b(?:previous|prior|above|earlier|preceding|existing|original|initial|former|system|other|your|past|all the|any)\\b[^.]{0,25}\\b${INSTRUCTIONS}\\b`,
  '\\b(?:ignore|disregard|forget)\\b[^.]{0,20}\\b(?:previous|prior|above|earlier|preceding|your)\\b[^.]{0,20}\\b(?:rules|policies|restrictions|constraints|training|limitations|safety)\\b',
  `\\b(?:override|overrule|bypass|discard|circumvent|abandon)\\b[^.]{0,20}\\b(?:your|previous|prior|all (?:previous|prior|other)|safety|the user's)\\b[^.]{0,20}\\b(?:${INSTRUCTIONS}|rules|training|safety (?:rules|filters|measures))\\b`,
  '\\b(?:ignore|disregard|forget) (?:everything|anything|all of what|what) (?:above|before|you (?:were|have been|know|learned)|that (?:came|was said)|the user)\\b',
  'ignore(?:all|any)?(?:the)?(?:previous|prior|above)',
  `\\b(?:supersedes?|overrides?|takes? (?:precedence|priority) over|replaces?)\\b[^.]{0,15}\\b(?:all|any|your|every|the user's)\\b[^.]{0,25}\\b(?:${INSTRUCTIONS}|requests)\\b`,
  '\\b(?:new|updated|real|actual|true) (?:system )?(?:instructions?|directives?|orders) ?:',
  '\\b(?:system|developer|admin(?:istrator)?) (?:override|directive|command|instruction|message) ?:',
  '\\byou are (?:now|henceforth) (?:an? (?:[\\w-]+ ){0,3}(?:assistant|ai|agent|model|bot|hacker|persona)|acting|operating|free|unrestricted|authorized|jailbroken|dan\\b|in (?:god|dan|admin|unrestricted|jailbreak|maintenance|developer|debug))',
  '\\byou are no longer (?:bound|restricted|subject|limited|required|an?|obliged|constrained)\\b',
  '\\bfrom (?:now|this point) on(?:ward)?s?,? (?:you|always|never|every|act|respond|ignore|treat|send|include|answer)\\b',
  "\\bpretend (?:to be|you are|you're|(?:that )?(?:you|this never|nothing))\\b",
  "\\b(?:regardless of|no matter|even if|whatever) (?:what )?(?:the |your )?user(?:'s)? (?:asks?|asked|says?|said|wants?|requests?|requested|instructs?|tells?|objects?|declines?|refuses|wishes|instructions)\\b",
  '\\byour (?:new|real|true|actual|secret|primary|sole) (?:goal|task|objective|mission|purpose|role|identity|job)(?: is\\b| ?:)',
  "\\b(?:previous|prior|current|original|user's) (?:task|request|conversation|goal) (?:is|was|has been) (?:now )?(?:cancel\\w+|over|void|obsolete|replaced|superseded)\\b",
  '\\b(?:end|close) of (?:the )?(?:tool )?(?:description|documentation|prompt)\\b[.:] ?(?:new|next|now)\\b',
  '\\byou (?:have been granted|now have|have been given) (?:[\\w-]+ )?(?:admin\\w*|root|full|unrestricted|elevated) (?:access|rights|privileges|permissions?)\\b',
  '\\b(?:follow|obey|execute|carry out|do) (?:the |any |all |whatever )(?:of the |its )?(?:instructions?|orders|commands) (?:there\\b|it (?:gives|returns|contains)|found (?:there|in)|(?:that|which) (?:it|come|are returned))',
  // Marks that separate the parts of a conversation. No description needs them.
  '<\\|[a-z_ ]{2,30}\\|>',
  '\\[/?inst\\]|<</?sys>>|\\[/?system\\]',
  '</?(?:important|hidden|critical|instructions?|system[-_ ]?(?:prompt|reminder|message|note))\\b[^>]{0,40}>',
  '</(?:system|secret|admin|assistant|internal)>',
  "<(?:system|secret|admin|assistant|internal)> ?(?:you|always|never|do|don't|ignore|before|when|the user|this|call|read|send)\\b",
  '<!--(?:(?!-->).){0,200}\\b(?:ignore|instructions?|assistant|model|ai|llm|system|the user|this tool|secret)\\b',
  '(?<!#)#{2,6} ?(?:system|instruction|new instructions?|human|assistant) ?:',
  '\\b(?:begin|end|start) (?:of )?(?:system|hidden|secret) (?:prompt|instructions?|message)\\b',
  '\\bhidden (?:instructions?|prompt|directive)s?\\b',
  '\\[[a-z -]{0,24}\\b(?:directive|override|bypass)\\]|\\b(?:system|override|instructions?|safety) (?:override|directive|bypass)\\b',
  '(?:^|[.!?;] |\\n)(?:important |special |secret |private )?(?:note|message|instructions?|attention|reminder) (?:to|for) (?:the |any |all )?(?:ai|assistant|model|llm|language model)s? ?:',
  // Data that the tool does not need.
  `\\b(?:read|open|cat|load|fetch|get|access|view|grab|print|collect)\\b${GAP}{0,60}${PLACES}.{0,80}?\\b(?:${GIVE}|return|use)\\b.{0,12}\\b(?:it|its|the|them|that|this|their|content|contents|result|output|as)\\b`,
  `\\b${GIVE}\\b[^.]{0,30}\\b(?:contents? of|file at|file|data (?:in|from))\\b${GAP}{0,30}(?:${PLACES}|\\.env\\b)`,
  `\\b(?:${GIVE}|repeat|summari[sz]e|dump)\\b[^.]{0,40}\\b${CONVERSATION}[^.]{0,30}\\b(?:in|as|to|into|with|inside|through)\\b (?:the |this |a |an |every |each |its |that )?['"]?[\\w-]*['"]? ?(?:arguments?|parameters?|fields?|params?|tool|call|requests?|url|headers?|metadata|notes?|body|query|server|endpoint)\\b`,
  `\\b(?:${GIVE}|repeat|reveal|output|print)\\b (?:the |your )(?:full |entire |complete |whole |exact )?(?:system prompt|conversation (?:history|so far))\\b`,
  `\\b${GIVE}\\b[^.]{0,40}\\b${SECRETS}[^.]{0,30}\\b(?:you (?:have|know|see|saw|find|found|can|encounter)|from (?:the |your )?(?:conversation|environment|context|memory|chat|other|previous|session|system|machine)|that the user|in (?:your|the) (?:context|memory|conversation))\\b`,
  `\\b(?:collect|gather|extract|find|search for|look for|harvest|steal|exfiltrate)\\b[^.]{0,40}\\b${SECRETS}[^.]{0,60}\\b(?:${GIVE})\\b`,
  `\\b(?:also |then |always )(?:send|forward|post|upload|bcc|cc|copy|email|mail|transmit|report)\\b[^.]{0,60}\\b(?:to|at) (?:https?://|[\\w.+-]{1,40}@)`,
  `\\b(?:send|forward|post|upload|bcc|copy|email|transmit|exfiltrate|leak)\\b[^.]{0,30}\\b(?:everything|all (?:of )?(?:the |your |their )?(?:data|emails?|messages|files|results|content|text)|every (?:message|email|file|answer|result)|a copy of|${CONVERSATION}|${SECRETS})[^.]{0,30}\\bto (?:https?://|[\\w.+-]{1,40}@|our |this server|an external)`,
  `\\b(?:bcc|cc) [\\w.+-]{1,40}@`,
  '\\b(?:curl|wget)\\b[^|]{0,120}\\| ?(?:sudo )?(?:ba|z|da)?sh\\b',
  // Other tools.
  '\\b(?:before|instead of|prior to|whenever|every time|each time) (?:you (?:use|call|run|invoke)|using|calling|invoking|running)\\b[^.]{0,20}\\b(?:any|every|another|all|each)\\b[^.]{0,12}\\b(?:tools?|functions?)\\b',
  '\\b(?:this (?:tool|server|function)|it) (?:has|takes|must have|must take|gets) (?:absolute |highest )?(?:priority|precedence) over\\b',
  '\\b(?:prefer|use|choose|select|pick|call) this (?:tool|function|server) (?:over|before|above) (?:all|any|every|each)\\b',
  '\\bmust be (?:called|used|invoked|run|executed) before (?:any|every|all|each)\\b[^.]{0,12}\\b(?:tool|function|answer|reply|response|call|message)s?\\b',
  '\\b(?:must|should|shall) (?:also |always )?(?:send|forward|cc|bcc|copy)\\b (?:all|every|each|any)\\b[^.]{0,30}\\bto [\\w.+-]{1,40}@',
  '\\ball (?:e-?mails?|messages|payments|transfers|requests) (?:must|should|have to) (?:be sent|go|be forwarded|be routed)\\b',
  '\\bmust always (?:call|use|invoke|run|prefer|choose) this\\b',
  '\\balways (?:call|use|invoke|run|prefer|choose|pick) this (?:tool|function|server)\\b(?! (?:when|for|to|if|whenever|after|in order|as)\\b)',
  "\\b(?:do not|don't|never) (?:use|call|trust|invoke|rely on)\\b (?:any |the )?(?:other|another|competing|alternative) (?:tools?|servers?|functions?|mcp)\\b",
  '\\b(?:other|all other|the original|the official) (?:tools?|servers?) (?:is|are) (?:unsafe|broken|malicious|compromised|untrusted|dangerous|outdated)\\b',
  '\\bwhen(?:ever)? (?:the |an?y? |any )?[\\w.-]{2,40} (?:tool |function )?(?:is|are|gets) (?:called|used|invoked|run)\\b[^.]{0,40}\\b(?:change|replace|set|redirect|modify|alter|swap|rewrite|also (?:call|send|add|include))\\b',
];
const ORDER = new RegExp(PATTERNS.map((pattern) => `(?:${pattern})`).join('|'), 'u');
/** No order is shorter than a mark such as `[INST]`, and a text that unfolds to more than this is no sentence. */
const MIN_ORDER = 6;
const MAX_UNFOLDED = 8_192;

/** The sentence that reads like an order; undefined when there is none. The caller bounds `text`. */
export function orderIn(text: string): string | undefined {
  if (text.length < MIN_ORDER) return undefined;
  // The name of an argument may be a sentence.
  const words = text.includes(' ') ? text : text.replaceAll('_', ' ');
  const plain = looksLike(decodeTags(words)).slice(0, MAX_UNFOLDED).toLowerCase();
  return ORDER.exec(joinLetters(plain).replace(/\s+/g, ' '))?.[0].trim();
}

/** A model reads spaced-out letters as one word. */
function joinLetters(text: string): string {
  return text.replace(/(?<![a-z])(?:[a-z][ .*_·-]){4,60}[a-z](?![a-z])/g, (word) =>
    word.replace(/[^a-z]/g, ''),
  );
}
