/* The chain of one person's policies: no overlap, one policy a check-in, whatever runs beside whatever.
 *
 * Rules of cover/issue.py, period.py, stop.py, void.py, withdraw.py, lifecycle.py and store/policies.py. An account of
 * one person, two phones, two projects; for each application the app and the delayed queue issue side by side, and each
 * of them is also the replay of the other. A process that dies is one that takes no further step, so every crash is
 * among the prefixes that are searched. Time is a clock of ticks: cover is COVER of them, the renewal window and the
 * life of a proof one each; whoever reads the clock may act on it much later.
 *
 * A read of the chain is one strongly consistent query and a put one conditional write: each is one `atomic`.
 * What PLANT_… breaks is listed beside its claim in checks.py.
 */
#define COVER 3
#define WINDOW 1
#define PROOF_LIFE 1
#define LAST_TICK 3
#define PLACES 4
#define APPLICATIONS 3
#define NONE 255
#define EVERYWHERE 2

mtype:kind = { FREE, POLICY, STOP };
mtype:status = { ISSUED, CANCELLED, TERMINATED, VOIDED };

typedef Place {
  mtype:kind kind;
  mtype:status status;
  byte project;      /* of a stop: or EVERYWHERE */
  byte application;
  byte issued;       /* of a stop: its instant */
  byte start;
  byte adjoins       /* the place of the policy that it was bought on top of */
};

Place chain[PLACES];
byte taken;                     /* places of the chain in use; the next one is the key that writers compete for */
byte now;

byte project_of[APPLICATIONS];  /* two phones on one site, and another employer */
byte asked[APPLICATIONS] = NONE;
byte consented[APPLICATIONS];   /* the consent that the application names */
byte consent[2];                /* the one that stands, 0 for none */
byte given;                     /* consents ever given */
bool erased_since[APPLICATIONS];

byte withdrawn = NONE;          /* the consent whose withdrawal was answered, */
byte withdrawn_at = NONE;       /* and when */
byte voided = NONE;             /* the place whose voidance was answered while its time was not over */
bool voided_another;            /* staff's voidance took a policy that has nothing to do with it */

hidden byte i, own, serving, held;  /* scratch of one atomic step */

#define IS(i) (chain[i].kind == POLICY)
#define STANDS(i) (IS(i) && chain[i].status == ISSUED)
#define END(i) (chain[i].start + COVER)
#define CANCELLABLE(i) (STANDS(i) && now < chain[i].start)

/* A policy leaves ISSUED by one conditional update. These lines are the table that transitions.py reads. */
#define MOVE(i, before, after) chain[i].status == before -> PROBE(before, after); chain[i].status = after
#define BEGIN(i, first) chain[i].status = first
#ifdef FROM /* is this move ever made? */
#define PROBE(before, after) assert(!(before == FROM && after == TO))
#else
#define PROBE(before, after) skip
#endif

/* Whether a stop holds an application of that moment; a second's skew counts as the same tick. */
#define HOLDS(i, a) (chain[i].kind == STOP && asked[a] <= chain[i].issued \
  && (chain[i].project == EVERYWHERE || chain[i].project == project_of[a]))

proctype Phone(byte a) {  /* scan and consent, at any tick */
end:
  atomic {
    (now < LAST_TICK) ->
    asked[a] = now;
    if
    :: consent[project_of[a]] == 0 -> given++; consent[project_of[a]] = given
    :: else
    fi;
    consented[a] = consent[project_of[a]]
  }
}

proctype Issuer(byte a) {
  byte at, seen, start, neighbour;

end:
  (asked[a] != NONE);
  atomic {  /* _no_longer_stands: what the worker did since, read before the chain */
    if
    :: erased_since[a] || consented[a] != consent[project_of[a]] -> goto done
    :: else
    fi
  }
again:
  atomic {  /* the clock, which may have gone on by now; chain(); and what both say to this application */
    if
    :: at = now
    :: now > asked[a] -> at = now - 1
    fi;
    own = NONE; serving = NONE; held = NONE; neighbour = NONE; seen = taken;
    for (i : 0 .. PLACES - 1) {
      if
      :: i < seen && IS(i) && chain[i].application == a -> own = i
      :: i < seen && HOLDS(i, a) -> held = i
      :: else
      fi;
      if
      :: i < seen && STANDS(i) && chain[i].project == project_of[a] &&
         (serving == NONE || END(i) > END(serving)) -> serving = i
      :: else
      fi
    }
#ifdef PLANT_NO_OWN
    own = NONE;
#endif
#ifdef PLANT_NO_STOP
    held = NONE;
#endif
    if
    :: own != NONE || held != NONE || at > asked[a] + PROOF_LIFE || seen == PLACES -> goto done
    :: else
    fi;
    if  /* next_period() */
    :: serving == NONE || END(serving) <= at -> start = at
    :: else ->
       if
       :: at >= chain[serving].start && END(serving) - at <= WINDOW -> start = END(serving); neighbour = serving
       :: else -> goto done  /* the latest one still serves, or adjacent cover is bought already */
       fi
    fi;
#ifdef PLANT_FROM_NOW
    start = at;
#endif
#ifdef PLANT_FROM_CHECK_IN
    if :: neighbour == NONE -> start = asked[a] :: else fi;
#endif
  }
  atomic {  /* add(): the place is free; the neighbour stands */
    if
#ifdef PLANT_NO_CONDITION
    :: taken < PLACES -> seen = taken
#else
#ifdef PLANT_NO_NEIGHBOUR
    :: taken == seen
#else
    :: taken == seen && (neighbour == NONE || STANDS(neighbour))
#endif
#endif
       ->
       chain[seen].kind = POLICY; BEGIN(seen, ISSUED); chain[seen].project = project_of[a];
       chain[seen].application = a; chain[seen].issued = at; chain[seen].start = start;
       chain[seen].adjoins = neighbour; taken++;
       if
       :: goto done
       :: goto again  /* the reply was lost: the same put finds the place taken, and the chain is read again */
       fi
    :: else -> goto again
    fi
  }
done:
  atomic { at = 0; seen = 0; start = 0; neighbour = 0 }
}

/* Consent is withdrawn on one project, or the account is erased: record, stop, end, in this order. */
proctype Stopper(byte project) {
  byte at, each, seen, ended;

  atomic {
    if
    :: project == EVERYWHERE -> for (i : 0 .. APPLICATIONS - 1) { erased_since[i] = asked[i] != NONE }
    :: else -> ended = consent[project]; consent[project] = 0
    fi
  }
#ifndef PLANT_NO_PLACE
again:
  atomic {
    at = now; seen = taken;
    if :: seen == PLACES -> goto done :: else fi
  }
  atomic {
    if
    :: taken == seen ->
       chain[seen].kind = STOP; chain[seen].project = project; chain[seen].issued = at;
       chain[seen].application = NONE; chain[seen].adjoins = NONE; taken++
    :: else -> goto again
    fi
  }
#else
  seen = taken;
#endif
  if :: project == EVERYWHERE -> goto done :: else fi;  /* erasure ends no cover */
  do
  :: atomic {
       each < seen ->
       if
       :: STANDS(each) && chain[each].project == project && now < END(each) -> MOVE(each, ISSUED, TERMINATED)
       :: else
       fi;
       each++
     }
  :: else -> break
  od;
  atomic { withdrawn = ended; withdrawn_at = now }
done:
  atomic { at = 0; seen = 0; each = 0 }
}

/* Staff void a policy, and may ask for the same once more: a lost reply, a second click. */
proctype Staff() {
  byte target, each, seen, times;

end:
  atomic {
    if
    :: IS(0) -> target = 0
    :: IS(1) -> target = 1
    :: IS(2) -> target = 2
    fi
  }
  do
  :: times < 2 ->
     atomic {
       times++; each = 0;
       if
       :: MOVE(target, ISSUED, VOIDED)
       :: chain[target].status == VOIDED
       :: else -> break  /* it has ended in another way: refused */
       fi
     }
     if
     :: atomic { now < END(target) -> seen = taken }
        do
        :: atomic {
             each < seen ->
             if
#ifdef PLANT_VOID_ALONE
             :: false
#else
#ifdef PLANT_VOID_ALL
             :: STANDS(each) && chain[each].project == chain[target].project && now < END(each) ->
#else
             :: STANDS(each) && chain[each].project == chain[target].project && chain[each].start == END(target) ->
#endif
                MOVE(each, ISSUED, VOIDED);
                voided_another = voided_another || chain[each].adjoins != target
#endif
             :: else
             fi;
             each++
           }
        :: else -> break
        od;
        voided = target
     :: else
     fi
  :: break
  od
}

/* The worker gives up cover that has not begun. */
proctype Canceller() {
end:
  if
  :: atomic { CANCELLABLE(0) -> MOVE(0, ISSUED, CANCELLED) }
  :: atomic { CANCELLABLE(1) -> MOVE(1, ISSUED, CANCELLED) }
  :: atomic { CANCELLABLE(2) -> MOVE(2, ISSUED, CANCELLED) }
  fi
}

proctype Clock() {
  do
  :: now < LAST_TICK -> now++
  :: else -> break
  od
}

init {
  atomic {
    project_of[0] = 0; project_of[1] = 0; project_of[2] = 1;
    run Clock();
    asked[0] = 0; given = 1; consent[0] = 1; consented[0] = 1;
    run Issuer(0); run Issuer(0);
    run Phone(1); run Issuer(1);
#ifdef WITH_STAFF
    run Staff(); run Canceller()
#endif
#ifdef WITH_EMPLOYER
    run Phone(2); run Issuer(2);
#endif
#ifdef WITH_STOP
    if
    :: run Stopper(0)
    :: run Stopper(EVERYWHERE)
    fi
#endif
  }
}

/* What must hold in every state. A claim about one place or one pair is written for each. */
#define APART(i, j) (!(STANDS(i) && STANDS(j) && chain[i].project == chain[j].project) || \
  END(i) <= chain[j].start || END(j) <= chain[i].start)
#define OTHERS(i, j) (!(IS(i) && IS(j)) || chain[i].application != chain[j].application)
#define FOLLOWS(i, j) !(IS(j) && chain[i].kind == STOP && HOLDS(i, chain[j].application))
#define FORWARD(i) (!IS(i) || chain[i].start >= chain[i].issued)
#define CONSENTED(i) !(withdrawn != NONE && STANDS(i) && END(i) > withdrawn_at && \
  consented[chain[i].application] == withdrawn)
#define RESTS(i) !(STANDS(i) && voided != NONE && chain[i].adjoins == voided)

#define EACH(p) (p(0) && p(1) && p(2) && p(3))
#define PAIRS(p) (p(0, 1) && p(0, 2) && p(0, 3) && p(1, 2) && p(1, 3) && p(2, 3))

ltl no_overlap { [] PAIRS(APART) }
ltl one_policy_a_check_in { [] PAIRS(OTHERS) }
ltl nothing_after_a_stop { [] PAIRS(FOLLOWS) }
ltl never_backdated { [] EACH(FORWARD) }
ltl withdrawn_consent_covers_nothing { [] EACH(CONSENTED) }
ltl adjacent_cover_falls_with_its_neighbour { [] EACH(RESTS) }
ltl voidance_takes_nothing_else { [] !voided_another }

never all_that_holds {  /* every one of them, in one search */
  do
  :: assert(PAIRS(APART) && PAIRS(OTHERS) && PAIRS(FOLLOWS) && EACH(FORWARD) && EACH(CONSENTED) && EACH(RESTS) &&
       !voided_another)
  od
}
