/* One obligation and its payouts: money leaves once, is posted once, and every execution ends in a recorded state.
 *
 * Rules of payouts/pay.py, payout.py (MOVES), obligations.py and functions/workflows/payout.asl.json. Two executions of
 * the machine run beside each other, ClaimToPayout's and one that finance starts at any moment; beside them the policy may
 * end, the bank may send money back, and the channel, WeChat or the bank, may lose an answer, refuse, accept late, reject
 * what it accepted. A notice only ends a wait, and waits here end whenever they like: any number of notices is included.
 * So is every crash: a process that dies takes no further step, and Step Functions' next try is another execution's.
 *
 * A conditional write succeeds if nobody wrote what this process read: `fresh` stands for the version of a payout,
 * `current` for that of the claim. One `atomic` is one call. What PLANT_… breaks is listed beside its claim in checks.py.
 */
#define NUMBERS 2
#define NONE 255
#ifdef WITH_END
#define GIVEN 1         /* a second number would only begin the same again */
#else
#define GIVEN NUMBERS
#endif
#ifdef BESIDE
#define ROUNDS 1
#else
#define ROUNDS 2        /* the machine asks a hundred times; twice goes through every pair of answers */
#endif
#define TRIES 1         /* of steps that were overtaken; then Step Functions gives up and RecordPayoutError follows */
#define FINANCE 1
#define POLICY_END 2
#define RETURN 3
#define WRITERS 4

mtype:state = { NOT_YET, CREATED, SUBMITTED, UNKNOWN, SUCCEEDED, FAILED, BOUNCED };
mtype:owed = { OWED, RESERVED, PAID };
mtype:bill = { NO_BILL, OPEN, ARRIVED, REJECTED, RETURNED };
mtype:reply = { BILL, NO_SUCH, REFUSED, LOST };

typedef Payout {
  mtype:state state;
  bool known;          /* transfer_bill_no: the other side is known to hold a bill */
  bool sent;           /* sent_at */
  byte posted;         /* entries of the journal */
  byte reversed
}
Payout payout[NUMBERS];
byte numbers;          /* given so far */

mtype:owed obligation = OWED;
byte latest = NONE;    /* its payout_id */
bool attention;        /* it stands before finance */
bool stands = true;    /* the policy, as whoever decided saw it */
byte ended;            /* executions */

mtype:bill bill[NUMBERS];   /* what the channel holds under a number, */
bool refuses[NUMBERS];      /* that it will not make one while what it asks for is wrong, */
byte moved[NUMBERS];        /* how often money left, */
bool late[NUMBERS];         /* and a request that is still on its way to it */
byte calling[NUMBERS];      /* submissions between their announcement and their end */

byte holds[WRITERS] = NONE; /* the payout that a writer has read */
bit fresh[WRITERS];
bit current[WRITERS];

#define AGAIN(step) if :: tries < TRIES -> tries++; goto step :: else -> goto record_error fi
#define FINAL(s) (s == SUCCEEDED || s == FAILED || s == BOUNCED)
#define OVER(s, known) ((s == FAILED && known) || s == BOUNCED)

#define OVERTAKES(v) if :: v != me && holds[v] == n -> fresh[v] = 0 :: else fi
#define PAYOUT_WRITTEN OVERTAKES(0); OVERTAKES(1); OVERTAKES(2); OVERTAKES(3)
#define OUTDATES(v) if :: v != me -> current[v] = 0 :: else fi
#define CLAIM_WRITTEN OUTDATES(0); OUTDATES(1); OUTDATES(2); OUTDATES(3)

/* The moves of a payout: the table that transitions.py reads. No other move exists. */
#define MOVE(before, after) payout[n].state == before && to == after -> PROBE(before, after); payout[n].state = after
#define BEGIN(first) payout[n].state = first
#ifdef FROM /* is this move ever made? */
#define PROBE(before, after) assert(!(before == FROM && after == TO))
#else
#define PROBE(before, after) skip
#endif
inline become() {
  if
  :: MOVE(CREATED, SUBMITTED)
  :: MOVE(CREATED, UNKNOWN)
  :: MOVE(CREATED, SUCCEEDED)
  :: MOVE(CREATED, FAILED)
  :: MOVE(SUBMITTED, SUBMITTED)
  :: MOVE(SUBMITTED, UNKNOWN)
  :: MOVE(SUBMITTED, SUCCEEDED)
  :: MOVE(SUBMITTED, FAILED)
  :: MOVE(UNKNOWN, UNKNOWN)
  :: MOVE(UNKNOWN, SUBMITTED)
  :: MOVE(UNKNOWN, SUCCEEDED)
  :: MOVE(UNKNOWN, FAILED)
  :: MOVE(FAILED, CREATED)
  :: MOVE(SUCCEEDED, BOUNCED)
  fi;
  if  /* what moves money is written with its entry */
#ifndef PLANT_ENTRY_APART
  :: to == SUCCEEDED -> payout[n].posted++
#endif
  :: to == BOUNCED -> payout[n].reversed++
  :: else
  fi;
  PAYOUT_WRITTEN
}

inline read_payout() { holds[me] = n; fresh[me] = 1; was = payout[n].state; known = payout[n].known }

/* Whether this process's write goes through. */
#ifdef PLANT_NO_VERSION
#define UNCHANGED (was == payout[n].state)
#else
#define UNCHANGED (fresh[me])
#endif

/* What is not used any more makes no states. */
inline forget() { holds[me] = NONE; fresh[me] = 0 }

/* What the channel does with a request to pay: the same number finds the same bill. */
inline take_request() {
  if
  :: bill[n] != NO_BILL -> answer = BILL
  :: bill[n] == NO_BILL && !refuses[n] -> bill[n] = OPEN; answer = BILL
  :: bill[n] == NO_BILL -> refuses[n] = true; answer = REFUSED
  fi
}

/* _take_over() and its like: what an answer makes of the payout. */
inline take_over() {
  if
  :: answer == BILL && bill[n] == OPEN -> to = SUBMITTED
  :: answer == BILL && (bill[n] == ARRIVED || bill[n] == RETURNED) -> to = SUCCEEDED
  :: answer == BILL && bill[n] == REJECTED -> to = FAILED
  :: answer == REFUSED -> to = FAILED
#ifdef PLANT_LOST_IS_FAILED
  :: answer == LOST -> to = FAILED; payout[n].known = true
#else
  :: answer == LOST -> to = UNKNOWN
#endif
  :: answer == NO_SUCH -> to = UNKNOWN
  fi;
  payout[n].known = payout[n].known || answer == BILL;
  become();
  was = to; to = 0; answer = 0; forget()
}

/* ClaimObligations.failed(): the obligation is owed again, once. */
inline owe_again() {
  do
  :: atomic { current[me] = 1; due = (obligation == RESERVED && latest == n -> RESERVED : OWED) }
     if
     :: atomic { due == RESERVED && current[me] -> obligation = OWED; attention = true; CLAIM_WRITTEN; break }
     :: atomic { due == RESERVED && !current[me] }
     :: due != RESERVED -> break
     fi
  od;
  atomic { current[me] = 0; due = 0 }
}

#ifdef PLANT_CREATED_WAS_NEVER_SENT
#define ASKS (was != CREATED)
#else
#define ASKS (was != CREATED || payout[n].sent)
#endif
/* PayObligation.take_back(): the policy does not stand. `was` tells what came of it. */
inline take_back() {
  do
  :: atomic { read_payout() }
     if
     :: FINAL(was) || stands -> break
     :: else
     fi;
     answer = NO_SUCH; soon = false;
     if
     :: ASKS ->
        atomic {  /* cancel() */
          if
          :: bill[n] == OPEN -> bill[n] = REJECTED; answer = BILL
          :: bill[n] != NO_BILL -> answer = BILL  /* also a bill that can't be taken back any more */
          :: bill[n] == NO_BILL -> soon = calling[n] > 0  /* five minutes are longer than any call lives */
          :: answer = LOST
          fi
        }
     :: else
     fi;
#ifdef PLANT_NO_CALL_IN_FLIGHT
     soon = false;
#endif
     atomic {
       if
       :: !UNCHANGED -> to = NOT_YET  /* repeated_on_conflict */
       :: UNCHANGED && answer == NO_SUCH && soon -> to = UNKNOWN; become(); was = to; forget()
       :: UNCHANGED && answer == NO_SUCH && !soon -> to = FAILED; become(); was = to; forget()
       :: UNCHANGED && answer != NO_SUCH -> take_over()
       fi;
       answer = 0; soon = 0
     }
     if
     :: atomic { to == NOT_YET -> to = 0 }
     :: atomic { to != NOT_YET -> to = 0; break }
     fi
  od
}

/* ClaimObligations.paid(). */
inline post_payout() {
#ifdef PLANT_ENTRY_APART
  payout[n].posted++;
#endif
  do
  :: atomic { current[me] = 1; due = (obligation == RESERVED && latest == n && payout[n].state == SUCCEEDED -> RESERVED : OWED) }
     if
     :: atomic { due == RESERVED && current[me] -> obligation = PAID; attention = false; CLAIM_WRITTEN; break }
     :: atomic { due == RESERVED && !current[me] }
     :: due != RESERVED -> break
     fi
  od;
  atomic { current[me] = 0; due = 0 }
}

proctype Execution(byte me) {
  byte n, rounds, tries;
  mtype:state was, to;
  mtype:owed due;
  mtype:reply answer;
  bool known, soon;

#ifdef WITH_END
#ifndef BESIDE
end:
  (me == 0 || ended == 1);  /* finance starts it again; both at once beside the end of a policy are BESIDE */
#endif
#endif
#ifdef THRICE /* one request is on its way, the next is refused, and finance starts it once more */
end:
  (me == 0 || (me == FINANCE && late[0]) || (me == POLICY_END && ended == 1 && payout[0].state == FAILED));
#endif
reserve:
  atomic {  /* due(): the claim, and the policy where no payout is under way */
    current[me] = 1; due = obligation; n = latest;
    if
    :: due == PAID -> goto over
    :: due == OWED && !stands -> goto over  /* PayoutHeld: the claim is with a person again */
    :: else
    fi
  }
  if
  :: n != NONE -> atomic { read_payout() }
  :: else -> was = NOT_YET
  fi;
  if
  :: was == SUCCEEDED -> goto post
  :: FINAL(was) && was != SUCCEEDED && !stands -> owe_again(); goto over
  :: else
  fi;
  if
#ifdef PLANT_NEW_NUMBER
  :: was != SUCCEEDED ->
#else
  :: was == NOT_YET || OVER(was, known) ->
#endif
     atomic {  /* begin(): payout and claim in one transaction */
       if
       :: !current[me] -> AGAIN(reserve)
       :: current[me] && numbers == GIVEN -> goto over  /* the model's numbers are used up */
       :: current[me] && numbers < GIVEN ->
          n = numbers; numbers++; latest = n; obligation = RESERVED; attention = false;
          BEGIN(CREATED); CLAIM_WRITTEN
       fi
     }
  :: else ->
     atomic {  /* taken up under its number: what was refused is set right by now */
       if
       :: was == FAILED && fresh[me] -> to = CREATED; become(); refuses[n] = false
       :: was == FAILED && !fresh[me] -> AGAIN(reserve)
       :: was != FAILED
       fi
     }
     atomic {  /* resume() */
       if
       :: due == RESERVED
       :: due != RESERVED && current[me] -> obligation = RESERVED; attention = false; CLAIM_WRITTEN
       :: due != RESERVED && !current[me] -> AGAIN(reserve)
       fi
     }
  fi;

submit:
  atomic { read_payout(); current[me] = 0; due = 0; to = 0; answer = 0 }
  if
  :: FINAL(was) -> forget(); goto submitted
  :: !FINAL(was) && !stands -> take_back(); goto taken_back
  :: else
  fi;
  atomic {  /* _about_to_send(): said before the call */
    if
    :: known -> calling[n]++
    :: !known && UNCHANGED -> to = UNKNOWN; become(); payout[n].sent = true; calling[n]++; to = 0
    :: !known && !UNCHANGED -> AGAIN(submit)
    fi
  }
  if
  :: atomic { take_request(); calling[n]-- }
  :: atomic { take_request(); calling[n]--; answer = LOST }
  :: atomic { !late[n] -> late[n] = true; answer = LOST }
  :: atomic { calling[n]--; answer = LOST }  /* it never came, or nothing was taken and the answer said so */
  fi;
  atomic {
    if
    :: UNCHANGED -> take_over()
    :: !UNCHANGED -> AGAIN(submit)
    fi
  }
submitted:
  if
  :: was == FAILED || was == BOUNCED -> goto record_failure
  :: was == SUCCEEDED -> goto post
  :: else
  fi;

confirm:  /* after a wait that a notice or its time ends */
  atomic {
    read_payout(); answer = 0;
#ifndef PLANT_ASKS_FOR_EVER
    rounds++
#endif
  }
  if
  :: FINAL(was) -> goto confirmed
  :: else
  fi;
  atomic {
    if
    :: bill[n] == NO_BILL -> answer = NO_SUCH
    :: bill[n] != NO_BILL -> answer = BILL
    :: answer = LOST
    fi
  }
  if
  :: answer == NO_SUCH && !known
  :: else ->
     atomic {
       if
       :: UNCHANGED -> take_over()
       :: !UNCHANGED -> AGAIN(confirm)
       fi
     }
  fi;
confirmed:
  if
  :: was == SUCCEEDED -> goto post
  :: was == FAILED || was == BOUNCED || rounds >= ROUNDS -> goto record_failure
  :: was != SUCCEEDED && was != FAILED && was != BOUNCED && rounds < ROUNDS && answer == NO_SUCH -> goto submit
  :: was == SUBMITTED && rounds < ROUNDS -> goto submit  /* it lacks the package that opens it: NOT_SENT */
  :: was != SUCCEEDED && was != FAILED && was != BOUNCED && rounds < ROUNDS && answer != NO_SUCH -> goto confirm
  fi;

taken_back:
  if
  :: was == FAILED -> owe_again(); goto over  /* STOPPED: PayoutHeld */
  :: was != FAILED -> goto submitted
  fi;

post:
  post_payout();
  goto over;

record_failure:
#ifdef PLANT_FAILURE_FORGOTTEN
  goto over;
#endif
  atomic { read_payout(); forget() }
  if
  :: was == FAILED -> owe_again()
  :: else ->
     do  /* unresolved(): before finance */
     :: atomic { current[me] = 1; due = (obligation == RESERVED && latest == n -> RESERVED : OWED) }
        if
        :: atomic { due == RESERVED && current[me] -> attention = true; CLAIM_WRITTEN; break }
        :: atomic { due == RESERVED && !current[me] }
        :: due != RESERVED -> break
        fi
     od
  fi;
  goto over;

record_error:  /* a task failed for good: PayoutStopped, which rings */
  do
  :: atomic { current[me] = 1; due = obligation }
     if
     :: atomic { due != PAID && current[me] -> attention = true; CLAIM_WRITTEN; break }
     :: atomic { due != PAID && !current[me] }
     :: due == PAID -> break
     fi
  od;
over:
  atomic { ended++; holds[me] = NONE; current[me] = 0; n = 0; rounds = 0; tries = 0; was = 0; to = 0; due = 0; answer = 0; known = 0; soon = 0 }
}

/* The policy ends, and what has not left is taken back. */
proctype PolicyEnd() {
  byte me = POLICY_END;
  byte n;
  mtype:state was, to;
  mtype:owed due;
  mtype:reply answer;
  bool known, soon;

end:
  atomic { stands = false; n = latest; due = obligation }
  if
  :: due == RESERVED -> take_back(); if :: was == FAILED -> owe_again() :: else fi
  :: else
  fi;
  atomic { holds[me] = NONE; n = 0; was = 0; to = 0; due = 0; answer = 0; known = 0; soon = 0 }
}

/* bounce(): the bank is asked, and says that settled money is back. */
proctype Return() {
  byte me = RETURN;
  byte n;
  mtype:state was, to;
  mtype:owed due;
  bool known, soon;

end:
  atomic {
    if
    :: bill[0] == RETURNED && payout[0].state == SUCCEEDED -> n = 0
    :: bill[1] == RETURNED && payout[1].state == SUCCEEDED -> n = 1
    fi
  }
  do
  :: atomic { read_payout() }
     if
     :: was == SUCCEEDED -> post_payout()
     :: else -> break
     fi;
     current[me] = 1;
     if
     :: atomic {  /* payout, journal and claim in one transaction */
          fresh[me] && current[me] -> to = BOUNCED; become();
#ifndef PLANT_BOUNCE_ALONE
          obligation = OWED; attention = true; CLAIM_WRITTEN;
#endif
          break
        }
     :: atomic { !(fresh[me] && current[me]) }
     fi
  od;
  atomic { holds[me] = NONE; n = 0; was = 0; to = 0; due = 0; known = 0; soon = 0 }
}

proctype Channel() {
  mtype:reply answer;
  byte n;
end:
  do
  :: atomic { bill[0] == OPEN -> bill[0] = ARRIVED; moved[0]++ }
  :: atomic { bill[1] == OPEN -> bill[1] = ARRIVED; moved[1]++ }
  :: atomic { bill[0] == OPEN -> bill[0] = REJECTED }
  :: atomic { bill[1] == OPEN -> bill[1] = REJECTED }
  :: atomic { bill[0] == ARRIVED -> bill[0] = RETURNED }
  :: atomic { late[0] -> late[0] = false; n = 0; take_request(); calling[n]--; answer = 0; n = 0 }
  :: atomic { late[1] -> late[1] = false; n = 1; take_request(); calling[n]--; answer = 0; n = 0 }
  od
}

init {
  atomic {
    payout[0].state = NOT_YET; payout[1].state = NOT_YET; bill[0] = NO_BILL; bill[1] = NO_BILL;
    run Channel();
    run Execution(0);
    run Execution(FINANCE);
#ifdef THRICE
    run Execution(POLICY_END);  /* finance once more */
#endif
#ifdef WITH_END
    run PolicyEnd();
#endif
#ifdef WITH_RETURN
    run Return();
#endif
  }
}

/* What must hold in every state. */
#define OUT(i) (moved[i] - (bill[i] == RETURNED))
#define NET(i) (payout[i].posted - payout[i].reversed)
#define SEEN(i) (!(payout[i].state == FAILED) || bill[i] == NO_BILL || bill[i] == REJECTED)
#define POSTED(i) (payout[i].posted <= 1 && payout[i].reversed <= payout[i].posted && \
  (payout[i].posted == (payout[i].state == SUCCEEDED || payout[i].state == BOUNCED)) && \
  (payout[i].reversed == (payout[i].state == BOUNCED)) && \
  (payout[i].posted == 0 || bill[i] == ARRIVED || bill[i] == RETURNED))

#define MONEY_LEAVES_ONCE (OUT(0) + OUT(1) <= 1)
#define PAID_IS_ONE_POSTING (obligation != PAID || NET(0) + NET(1) == 1)
#define EACH_NUMBER_IS_POSTED_OR_BOUNCED (POSTED(0) && POSTED(1))
#define NO_MONEY_BEHIND_A_FAILURE (SEEN(0) && SEEN(1))
#define A_NEW_NUMBER_FOLLOWS_AN_END (numbers < 2 || bill[0] == REJECTED || bill[0] == RETURNED)
#define EVERY_END_IS_RECORDED (ended < 2 || obligation == PAID || attention || !stands)

ltl money_leaves_once { [] MONEY_LEAVES_ONCE }
ltl paid_is_one_posting { [] PAID_IS_ONE_POSTING }
ltl each_number_is_posted_or_bounced { [] EACH_NUMBER_IS_POSTED_OR_BOUNCED }
ltl no_money_behind_a_failure { [] NO_MONEY_BEHIND_A_FAILURE }
ltl a_new_number_follows_an_end { [] A_NEW_NUMBER_FOLLOWS_AN_END }
ltl every_end_is_recorded { [] EVERY_END_IS_RECORDED }
ltl every_execution_ends { <> (ended == 2) }

never all_that_holds {  /* every claim about one state, in one search */
  do
  :: assert(MONEY_LEAVES_ONCE && PAID_IS_ONE_POSTING && EACH_NUMBER_IS_POSTED_OR_BOUNCED &&
       NO_MONEY_BEHIND_A_FAILURE && A_NEW_NUMBER_FOLLOWS_AN_END && EVERY_END_IS_RECORDED)
  od
}
