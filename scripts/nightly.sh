#!/bin/sh
# The nightly gate, on any machine: from cron, by hand, or in a CI job. See --help.
set -u

usage() {
  cat <<'TEXT'
Usage: scripts/nightly.sh [options] [SCENARIO.yaml ...]

Runs each scenario (scenarios/nightly.yaml without one), gates it, stores results and history. A scenario whose gate:
names two variants is judged by them, any other one against the stored nights. The first night finds no baseline, says
so, and becomes it.

  --data DIR      baselines/, runs/ and the history's index.html of all nights (default: nightly)
  --branch NAME   DIR is a worktree of this branch: fetched before, committed and pushed after
  --no-push       with --branch: commit only
  --out DIR       run folders of this night with their raw data (default: results)
  --keep N        nights kept in DIR per scenario (default: 60)
  --rounds N, --duration TIME, --connections N   instead of those of the scenarios
  --accept        begin the baselines anew with this night
  --no-confirm    do not measure alarmed rows again
  --sudo          measure as root by sudo -n: network namespaces and captures need it

In a GitHub job the summary is written there too. Exit codes, the worst of all scenarios: 0 passed, 1 a trial or the
harness failed, 2 bad usage or scenario, 3 regression or broken SLO, 4 inconclusive (no baseline, invalid measurement,
noise), 130 interrupted.
TEXT
}

complain() {
  printf 'nightly: %s\n' "$1" >&2
}

misused() {
  complain "$1 (--help lists the options)"
  exit 2
}

here=$PWD
root=$(cd "$(dirname "$0")/.." && pwd) || exit 1
data=nightly
out=results
branch=
push=yes
keep=60
accept=
confirm=--confirm
sudo=
load=
set_load() {
  # No value holds a blank: the harness would refuse it.
  case $2 in *[!0-9a-z.]* | '') misused "$1 $2: give a number or a duration" ;; esac
  load="$load $1 $2"
}

while [ $# -gt 0 ]; do
  case $1 in
    --data | --branch | --out | --keep | --rounds | --duration | --connections)
      [ $# -ge 2 ] || misused "$1 needs a value"
      case $1 in
        --data) data=$2 ;;
        --branch) branch=$2 ;;
        --out) out=$2 ;;
        --keep) keep=$2 ;;
        *) set_load "$1" "$2" ;;
      esac
      shift
      ;;
    --no-push) push= ;;
    --accept) accept=--accept ;;
    --no-confirm) confirm= ;;
    --sudo) sudo=yes ;;
    -h | --help)
      usage
      exit 0
      ;;
    --)
      shift
      break
      ;;
    -*) misused "there is no option $1" ;;
    *) break ;;
  esac
  shift
done
case $keep in *[!0-9]* | '' | 0*) misused "--keep $keep: give a whole number from 1" ;; esac
[ $# -gt 0 ] || set -- "$root/scenarios/nightly.yaml"
for scenario; do
  case $scenario in -*) misused "$scenario stands behind a scenario: options come first" ;; esac
  [ -f "$scenario" ] || misused "cannot read scenario $scenario"
done
command -v node >/dev/null || {
  complain 'Node 20.19 or newer is not installed'
  exit 1
}
case $data in /*) ;; *) data=$here/$data ;; esac
case $out in /*) ;; *) out=$here/$out ;; esac

# Measures and judges. The load tools are installed on the way, as far as the machine allows.
bench() {
  if [ -n "$sudo" ]; then
    sudo -n env "PATH=$PATH" node "$root/scripts/ssee-bench.mjs" "$@"
  else
    node "$root/scripts/ssee-bench.mjs" "$@"
  fi
}

# What was worst so far. A later success never hides an earlier failure.
worst=0
severity() {
  case $1 in 0) echo 0 ;; 4) echo 1 ;; 3) echo 2 ;; 2) echo 4 ;; 130) echo 5 ;; *) echo 3 ;; esac
}
note_code() {
  if [ "$(severity "$1")" -gt "$(severity "$worst")" ]; then worst=$1; fi
}
word_for() {
  case $1 in
    0) echo passed ;; 2) echo 'bad scenario' ;; 3) echo regression ;; 4) echo inconclusive ;; 130) echo interrupted ;;
    *) echo failed ;;
  esac
}

# How a run is to be judged, and the name of its scenario: `interleaved NAME` or `alone NAME`.
describe_run() {
  # shellcheck disable=SC2016  # JavaScript
  node -e '
    const { readFileSync } = require("node:fs");
    const read = (name) => JSON.parse(readFileSync(`${process.argv[1]}/${name}`, "utf8"));
    let judged = {};
    try { judged = read("comparison.json").gate ?? {}; } catch {}
    console.log(judged.schema ? "interleaved" : "alone", read("run.json").scenario.name);
  ' "$1"
}

# The sentence of a verdict, in one line that cannot leave the cell of a table; empty where there is none.
verdict_of() {
  # shellcheck disable=SC2016  # JavaScript
  node -e '
    try {
      const { sentence } = JSON.parse(require("node:fs").readFileSync(`${process.argv[1]}/gate.json`, "utf8"));
      console.log(sentence.replace(/\s+/g, " ").replace(/[|<>`]/g, "/"));
    } catch {}
  ' "$1"
}

git_data() {
  git -C "$data" "$@"
}

open_branch() {
  if [ -e "$data/.git" ]; then
    [ "$(git_data symbolic-ref --short -q HEAD)" = "$branch" ] || {
      complain "$data is not a worktree of branch $branch; name another folder with --data"
      return 1
    }
    # A machine of its own may be ahead of the remote, or offline: its own nights go on.
    git_data pull -q --rebase origin "$branch" 2>/dev/null || complain "$branch was not fetched; going on with $data as it is"
    return 0
  fi
  git -C "$root" worktree prune
  if git -C "$root" fetch -q --depth 1 origin "+refs/heads/$branch:refs/remotes/origin/$branch" 2>/dev/null; then
    git -C "$root" worktree add -q -B "$branch" "$data" "refs/remotes/origin/$branch"
  elif git -C "$root" show-ref -q --verify "refs/heads/$branch"; then
    git -C "$root" worktree add -q "$data" "$branch"
  else
    git -C "$root" worktree add -q --detach "$data" && git_data checkout -q --orphan "$branch" &&
      git_data rm -rfq . && complain "branch $branch is new"
  fi
}

close_branch() {
  git_data add -A
  if git_data diff --cached --quiet 2>/dev/null; then return 0; fi
  git_data -c "user.name=${GIT_COMMITTER_NAME:-ssee-bench nightly}" \
    -c "user.email=${GIT_COMMITTER_EMAIL:-nightly@localhost}" \
    commit -q -m "Add the night of $(date -u +%Y-%m-%dT%H:%MZ)" || return 1
  [ -n "$push" ] || return 0
  git_data push -q origin "HEAD:refs/heads/$branch" && return 0
  # Another machine was faster: its nights first, ours behind them.
  git_data pull -q --rebase origin "$branch" && git_data push -q origin "HEAD:refs/heads/$branch"
}

# One scenario: run, gate, reports with the verdict in them, what is kept for the history.
night_of() {
  scenario=$1
  printf '\n== %s\n' "$scenario"
  # shellcheck disable=SC2086  # options and their values, checked above
  bench run "$scenario" --out "$out" --format terminal,md,csv,json,html,junit $load >"$night/stdout"
  ran=$?
  sed '$d' "$night/stdout"
  run=$(tail -n 1 "$night/stdout")
  # Printed relative to where the harness was started.
  case $run in /*) ;; *) run=$PWD/$run ;; esac
  if [ ! -f "$run/run.json" ]; then
    [ "$ran" -ne 0 ] || ran=1
    note_code "$ran"
    printf '| %s | %s | nothing was measured, see the log |\n' "$(basename "$scenario")" "$(word_for "$ran")" >>"$night/table"
    return
  fi
  # Stands above the gate's verdict: an interrupted night is judged as far as it got.
  note_code "$ran"
  facts=$(describe_run "$run")
  name=${facts#* }
  baseline=$data/baselines/$name.json
  before=$(cksum "$baseline" 2>/dev/null)
  if [ "${facts%% *}" = interleaved ]; then
    # shellcheck disable=SC2086  # empty, or one option
    bench gate "$run" $confirm
  else
    # shellcheck disable=SC2086  # empty, or one option each
    bench gate "$run" --baseline "$baseline" --update-baseline $accept $confirm
  fi
  gated=$?
  note_code "$gated"
  said=$(verdict_of "$run")
  # A night without a verdict is stored only where there was nothing to hold it against.
  if [ "$gated" -eq 4 ] && [ "$(cksum "$baseline" 2>/dev/null)" != "$before" ]; then
    said="$said This night is the baseline from now on."
  fi
  if [ -n "$said" ]; then bench report "$run" --quiet >/dev/null || note_code 1; fi
  if [ "$(severity "$ran")" -gt "$(severity "$gated")" ]; then gated=$ran; fi
  printf '| %s | %s | %s |\n' "$name" "$(word_for "$gated")" "${said:-no verdict}" >>"$night/table"
  if [ -f "$run/gate.md" ]; then
    printf '\n' >>"$night/gates"
    sed 's/^#/##/' "$run/gate.md" >>"$night/gates"
  fi
  kept=$data/runs/$(basename "$run")
  mkdir -p "$kept"
  for file in run.json comparison.json report.html report.md gate.json gate.md; do
    if [ -f "$run/$file" ]; then cp "$run/$file" "$kept/$file"; fi
  done
  forget_old "$name"
}

# Run folders begin with their time, so the names sort by age.
forget_old() {
  for dir in "$data/runs"/*"Z-$1"; do
    [ -d "$dir" ] && printf '%s\n' "$dir"
  done | sort -r | tail -n "+$((keep + 1))" | while IFS= read -r dir; do rm -rf "$dir"; done
}

night=$(mktemp -d) || exit 1
lock=
# shellcheck disable=SC2329  # the trap below calls it
finish() {
  rm -rf "$night"
  if [ -n "$lock" ]; then rm -rf "$lock"; fi
}
trap finish EXIT
# The harness gets the same signal, reports what it has measured and ends with 130; then no further scenario is begun.
interrupted=
trap 'interrupted=yes' INT TERM HUP

# Packages and build as this user, so that sudo leaves nothing behind that the user cannot change.
node "$root/scripts/ssee-bench.mjs" --version >/dev/null || exit 1
if [ -n "$branch" ]; then open_branch || exit 1; fi
mkdir -p "$data/baselines" "$data/runs" "$out" || exit 1
# Two nights at once would measure each other.
lock_dir=$(git -C "$data" rev-parse --git-dir 2>/dev/null) || lock_dir=
case $lock_dir in '') lock_dir=$data ;; /*) ;; *) lock_dir=$data/$lock_dir ;; esac
if ! mkdir "$lock_dir/nightly.lock" 2>/dev/null; then
  holder=$(cat "$lock_dir/nightly.lock/pid" 2>/dev/null || echo)
  if [ -n "$holder" ] && kill -0 "$holder" 2>/dev/null; then
    complain "another night is under way (pid $holder)"
    exit 1
  fi
fi
lock=$lock_dir/nightly.lock
mkdir -p "$lock" && echo $$ >"$lock/pid"

cd "$root" || exit 1
for scenario; do
  case $scenario in /*) ;; *) scenario=$here/$scenario ;; esac
  # From the checkout's own folder paths stay short, and the same on every machine.
  case $scenario in "$root"/*) scenario=${scenario#"$root"/} ;; esac
  if [ -n "$interrupted" ]; then break; fi
  night_of "$scenario"
done
if [ -n "$interrupted" ]; then note_code 130; fi

if bench history "$data/runs" --out "$data" >"$night/history"; then
  history=index.html
else
  note_code 1
  history='it could not be written, see the log'
fi

{
  printf '# Night of %s: %s\n\n' "$(date -u +%Y-%m-%d)" "$(word_for "$worst")"
  printf '| scenario | verdict | why |\n| :--- | :--- | :--- |\n'
  cat "$night/table"
  printf '\nHistory: %s\n' "$history"
  if [ -f "$night/gates" ]; then cat "$night/gates"; fi
} >"$data/summary.md"
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then cat "$data/summary.md" >>"$GITHUB_STEP_SUMMARY"; fi

if [ -n "$branch" ]; then
  close_branch || {
    complain "the night could not be stored on branch $branch"
    note_code 1
  }
fi

printf '\n'
sed '/^## /,$d' "$data/summary.md"
printf 'everything of this night and the ones before: %s\n' "$data"
exit "$worst"
