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
  --out DIR       run folders of this night with their raw data (default: results); nothing deletes them
  --keep N        nights kept in --data per scenario (default: 60)
  --rounds N, --duration TIME, --connections N   instead of those of the scenarios
  --accept        begin the baselines anew with this night
  --no-confirm    do not measure alarmed rows again
  --sudo          measure as root by sudo -n: network namespaces and captures need it

In a GitHub job the summary is written there too. Exit codes, the worst of all scenarios: 0 passed, 1 a trial or the
harness failed, 2 bad usage, scenario or baseline, 3 regression or broken SLO, 4 inconclusive (no baseline, invalid measurement,
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
    # sudo drops the variable by which the harness knows that its log is read for commands.
    sudo -n env "PATH=$PATH" "GITHUB_ACTIONS=${GITHUB_ACTIONS:-}" node "$root/scripts/ssee-bench.mjs" "$@"
  else
    node "$root/scripts/ssee-bench.mjs" "$@"
  fi
}

# Run a command of the harness while its output (1) or its complaints (2) go into a file: `run_kept 1 FILE COMMAND...`. By
# way of a pipe, because what it writes into a file it does not guard against the runner of a GitHub job. Complaints are
# shown at once as well. The pipe outlives a signal, which the harness gets too and reports after.
run_kept() {
  kept_stream=$1
  kept_file=$2
  shift 2
  rm -f "$night/code"
  if [ "$kept_stream" = 1 ]; then
    {
      trap : INT TERM HUP
      bench "$@"
      echo $? >"$night/code"
    } | {
      trap '' INT TERM HUP
      cat >"$kept_file"
    }
  else
    {
      {
        trap : INT TERM HUP
        bench "$@" 2>&1 >&3 3>&-
        echo $? >"$night/code"
      } | {
        trap '' INT TERM HUP
        tee "$kept_file" >&2
      }
    } 3>&1
  fi
  return "$(cat "$night/code" || echo 1)"
}

# For `node -e`: what errors quote of files is no command to the runner of a GitHub job.
# shellcheck disable=SC2016  # JavaScript
clean='const clean = (text) => text.replace(/[^ -~]+/g, " ").replaceAll("##[", "## [");'

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
    0) echo passed ;; 2) echo 'bad scenario or baseline' ;; 3) echo regression ;; 4) echo inconclusive ;; 130) echo interrupted ;;
    *) echo failed ;;
  esac
}

# How a run is to be judged, and the name of its scenario as the harness writes it in folder names, which leads into no
# other folder: `interleaved NAME` or `alone NAME`.
describe_run() {
  # shellcheck disable=SC2016  # JavaScript
  node -e "$clean"'
    const { readFileSync } = require("node:fs");
    const read = (name) => JSON.parse(readFileSync(`${process.argv[1]}/${name}`, "utf8"));
    let judged = {};
    try { judged = read("comparison.json").gate ?? {}; } catch (error) { if (error.code !== "ENOENT") console.error(clean(`nightly: no gate in this run: ${error.message}`)); }
    try {
      const name = read("run.json").scenario.name.replace(/[^A-Za-z0-9._-]+/g, "-");
      console.log(judged.schema ? "interleaved" : "alone", name);
    } catch (error) {
      console.error(clean(`nightly: run.json of this run: ${error.message}`));
      process.exit(1);
    }
  ' "$1"
}

# The sentence of a verdict as the harness has escaped it: one line of Markdown that stays in the cell of a table, with
# no link, image or mention in it. Empty where there is none.
verdict_of() {
  if [ -f "$1/gate.md" ]; then sed -n '3s/^\*\*\(.*\)\*\*$/\1/p' "$1/gate.md"; fi
}

# The name of a file, fit for a table.
plain_name() {
  basename "$1" | sed -e ':a' -e '$!{N;ba' -e '}' -e 's/[^A-Za-z0-9._-]/-/g'
}

git_data() {
  git -C "$data" -c "user.name=${GIT_COMMITTER_NAME:-ssee-bench nightly}" \
    -c "user.email=${GIT_COMMITTER_EMAIL:-nightly@localhost}" -c core.quotePath=false "$@"
}

commit_all() {
  git_data add -A || return 1
  if git_data diff --cached --quiet 2>/dev/null; then return 0; fi
  git_data commit -q -m "$1"
}

# Whether origin has the branch: 0 yes, 2 no, anything else unknown, with the cause from git.
ask_origin() {
  git -C "$1" remote get-url origin >/dev/null 2>&1 || return 2
  git -C "$1" ls-remote --exit-code origin "refs/heads/$branch" >/dev/null
}

# Baselines of two machines as one, from the files base, ours and theirs in the folder given: what both have kept or
# either has added. Ten nights per entry, as in src/gate/baseline.ts.
merge_baselines() {
  # shellcheck disable=SC2016  # JavaScript
  node -e "$clean"'
    const { readFileSync } = require("node:fs");
    const read = (side) => {
      const text = readFileSync(`${process.argv[1]}/${side}`, "utf8");
      if (text === "") return new Map();
      const { schema, entries } = JSON.parse(text);
      if (schema !== "ssee-bench/baseline/1") throw new TypeError(`its schema is ${schema}`);
      return new Map(entries.map(({ key, nights }) => [JSON.stringify(key), nights.map((night) => JSON.stringify(night))]));
    };
    try {
      const [base, ours, theirs] = ["base", "ours", "theirs"].map(read);
      const entries = [...new Set([...theirs.keys(), ...ours.keys()])].map((key) => {
        const [before, own, other] = [base, ours, theirs].map((side) => side.get(key) ?? []);
        const kept = other.filter((night) => own.includes(night) || !before.includes(night));
        const added = own.filter((night) => !before.includes(night) && !other.includes(night));
        const nights = [...kept, ...added].map((night) => JSON.parse(night));
        nights.sort((a, b) => (a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : 0));
        return { key: JSON.parse(key), nights: nights.slice(-10) };
      });
      const schema = "ssee-bench/baseline/1";
      console.log(JSON.stringify({ schema, entries: entries.filter(({ nights }) => nights.length > 0) }, null, 1));
    } catch (error) {
      console.error(clean(`nightly: ${process.argv[2]} cannot be merged with that of origin: ${error.message}`));
      process.exit(1);
    }
  ' "$1" "$2"
}

# Two machines may begin a run in the same second. As in a results folder, one of them gets a number.
set_runs_aside() {
  for dir in "$data"/runs/*/; do
    run_name=$(basename "$dir")
    own=$(git_data rev-parse -q --verify "$ours:runs/$run_name") || continue
    other=$(git_data rev-parse -q --verify "$theirs:runs/$run_name") || continue
    if [ "$own" = "$other" ] || git_data rev-parse -q --verify "$base:runs/$run_name" >/dev/null; then continue; fi
    number=2
    while [ -e "$data/runs/$run_name-$number" ] ||
      git_data rev-parse -q --verify "$theirs:runs/$run_name-$number" >/dev/null; do
      number=$((number + 1))
    done
    git_data mv "runs/$run_name" "runs/$run_name-$number" || return 1
  done
  commit_all 'Number runs that began in the same second as others'
}

# Brings the nights that were just fetched and our own together. Nothing of the worktree changes before the merge is
# whole. What each night writes anew is ours, until it is written again.
combine() {
  combined=
  theirs=$(git_data rev-parse -q --verify FETCH_HEAD) || return 1
  if ours=$(git_data rev-parse -q --verify HEAD); then
    if git_data merge-base --is-ancestor "$theirs" "$ours"; then return 0; fi
  else
    ours=
  fi
  combined=yes
  if [ -z "$ours" ] || git_data merge-base --is-ancestor "$ours" "$theirs"; then
    git_data reset -q --hard "$theirs"
    return
  fi
  base=$(git_data merge-base "$ours" "$theirs") || base=$(git_data mktree </dev/null) || return 1
  set_runs_aside || return 1
  ours=$(git_data rev-parse -q --verify HEAD) || return 1
  merged=$(GIT_INDEX_FILE=$night/index && export GIT_INDEX_FILE && merged_tree) || return 1
  merged=$(git_data commit-tree "$merged" -p "$theirs" -p "$ours" -m 'Merge the nights of another machine') || return 1
  git_data reset -q --hard "$merged"
}

# The tree of the merge of $ours and $theirs, by way of an index of its own.
merged_tree() {
  rm -f "$GIT_INDEX_FILE"
  git_data read-tree -i -m --aggressive "$base" "$ours" "$theirs" || return 1
  git_data ls-files -u | cut -f 2- | sort -u >"$night/unmerged"
  while IFS= read -r path; do
    case $path in
      baselines/*.json)
        for side in 1:base 2:ours 3:theirs; do
          git_data cat-file blob ":${side%:*}:$path" >"$night/${side#*:}" 2>/dev/null || : >"$night/${side#*:}"
        done
        merge_baselines "$night" "$path" >"$night/merged" || return 1
        blob=$(git_data hash-object -w --no-filters "$night/merged") || return 1
        ;;
      *)
        blob=$(git_data rev-parse -q --verify ":2:$path") || blob=$(git_data rev-parse -q --verify ":3:$path") || return 1
        ;;
    esac
    git_data update-index --add --cacheinfo "100644,$blob,$path" || return 1
  done <"$night/unmerged"
  git_data write-tree
}

open_branch() {
  if [ -e "$data/.git" ]; then
    if [ "$(git_data symbolic-ref --short -q HEAD)" != "$branch" ] || [ -n "$(git_data ls-files -u)" ]; then
      complain "$data is not a worktree of branch $branch, or in the middle of a rebase or merge: see git -C $data status, or name another folder with --data"
      return 1
    fi
    commit_all 'Add what an unfinished night has left' || return 1
    ask_origin "$data"
    origin=$?
  else
    git -C "$root" worktree prune
    ask_origin "$root"
    origin=$?
    if git -C "$root" show-ref -q --verify "refs/heads/$branch"; then
      # It may hold nights that were never pushed.
      git -C "$root" worktree add -q "$data" "$branch" || return 1
    elif [ "$origin" -eq 0 ]; then
      git -C "$root" fetch -q --depth 1 origin "+refs/heads/$branch:refs/remotes/origin/$branch" &&
        git -C "$root" worktree add -q -B "$branch" "$data" "refs/remotes/origin/$branch"
      return
    elif [ "$origin" -eq 2 ]; then
      git -C "$root" worktree add -q --detach "$data" && git_data checkout -q --orphan "$branch" &&
        git_data rm -rfq . && complain "branch $branch is new"
      return
    else
      complain "origin does not say whether it has branch $branch, see above; make it reachable and start again"
      return 1
    fi
  fi
  if [ "$origin" -eq 2 ]; then return 0; fi
  # A machine of its own may be ahead of the remote, or offline: its own nights go on.
  if [ "$origin" -eq 0 ] && git_data fetch -q origin "refs/heads/$branch" && combine; then return 0; fi
  complain "$branch was not brought up to date, see above; going on with $data as it is"
}

write_history() {
  if bench history "$data/runs" --out "$data" >"$night/history"; then
    history=index.html
  else
    note_code 1
    history='it could not be written, see the log'
  fi
}

close_branch() {
  commit_all "Add the night of $(date -u +%Y-%m-%dT%H:%MZ)" || return 1
  [ -n "$push" ] || return 0
  for _ in 1 2 3; do
    if git_data push -q origin "HEAD:refs/heads/$branch"; then return 0; fi
    # Where another machine was faster, its nights and ours are stored together, under a history of both.
    git_data fetch -q origin "refs/heads/$branch" || return 1
    combine || return 1
    [ -n "$combined" ] || return 1
    write_history
    commit_all 'Write the history of the nights of all machines' || return 1
  done
  return 1
}

# One scenario: run, gate, reports with the verdict in them, what is kept for the history.
night_of() {
  scenario=$1
  printf '\n== %s\n' "$scenario"
  # shellcheck disable=SC2086  # options and their values, checked above
  run_kept 1 "$night/stdout" run "$scenario" --out "$out" --format terminal,md,csv,json,html,junit $load
  ran=$?
  sed '$d' "$night/stdout"
  run=$(tail -n 1 "$night/stdout")
  # Printed relative to where the harness was started.
  case $run in /*) ;; *) run=$PWD/$run ;; esac
  if [ ! -f "$run/run.json" ]; then
    [ "$ran" -ne 0 ] || ran=1
    note_code "$ran"
    printf '| %s | %s | nothing was measured, see the log |\n' "$(plain_name "$scenario")" "$(word_for "$ran")" >>"$night/table"
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
    run_kept 2 "$night/complaints" gate "$run" $confirm
  else
    # shellcheck disable=SC2086  # empty, or one option each
    run_kept 2 "$night/complaints" gate "$run" --baseline "$baseline" --update-baseline $accept $confirm
  fi
  gated=$?
  note_code "$gated"
  said=$(verdict_of "$run")
  # Other nights without a verdict are stored beside those that they were held against.
  case $gated$said in
    '4Inconclusive: no baseline,'*)
      [ "$(cksum "$baseline" 2>/dev/null)" = "$before" ] || said="$said This night is the baseline from now on."
      ;;
  esac
  if [ -n "$said" ]; then bench report "$run" --quiet >/dev/null || note_code 1; fi
  # Such as a baseline that is damaged. No text leaves the cell of a table.
  if [ "$gated" -eq 2 ]; then
    said=$(tail -n 1 "$night/complaints" | sed 's/[|<>`]/\//g; s/[[:cntrl:]]/ /g')
  fi
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
  forget_old "$run"
}

# Run folders begin with their time, so the names sort by age. Whose they are is in them: names of folders are ambiguous.
forget_old() {
  # shellcheck disable=SC2016  # JavaScript
  node -e '
    const { readdirSync, readFileSync, rmSync } = require("node:fs");
    const [, run, runs, keep] = process.argv;
    const nameOf = (dir) => {
      try { return JSON.parse(readFileSync(`${dir}/run.json`, "utf8")).scenario.name; } catch { return undefined; }
    };
    const name = nameOf(run);
    const own = readdirSync(runs).filter((dir) => name !== undefined && nameOf(`${runs}/${dir}`) === name);
    for (const dir of own.sort().reverse().slice(Number(keep))) rmSync(`${runs}/${dir}`, { recursive: true, force: true });
  ' "$1" "$data/runs" "$keep" || note_code 1
}

night=$(mktemp -d) || exit 1
trap 'rm -rf "$night"' EXIT
# The harness gets the same signal, reports what it has measured and ends with 130; then no further scenario is begun.
interrupted=
trap 'interrupted=yes' INT TERM HUP

# Two nights at once would measure each other, and mix their files. The kernel gives the lock back with the last process
# that has it: also with one that was killed, and not before a harness that outlived it.
mkdir -p "$data" || exit 1
exec 9<"$data"
if command -v flock >/dev/null; then
  flock -n 9
  case $? in
    0) ;;
    1)
      complain "another night is under way in $data; wait for its end or name another folder with --data"
      exit 1
      ;;
    *) complain "$data cannot be locked: nothing keeps a second night from starting beside this one" ;;
  esac
else
  complain 'flock (of util-linux) is not installed: nothing keeps a second night from starting beside this one'
fi
# Packages and build as this user, so that sudo leaves nothing behind that the user cannot change.
node "$root/scripts/ssee-bench.mjs" --version >/dev/null || exit 1
if [ -n "$branch" ]; then open_branch || exit 1; fi
mkdir -p "$data/baselines" "$data/runs" "$out" || exit 1

cd "$root" || exit 1
for scenario; do
  case $scenario in /*) ;; *) scenario=$here/$scenario ;; esac
  # From the checkout's own folder paths stay short, and the same on every machine.
  case $scenario in "$root"/*) scenario=${scenario#"$root"/} ;; esac
  if [ -n "$interrupted" ]; then break; fi
  night_of "$scenario"
done
if [ -n "$interrupted" ]; then note_code 130; fi

write_history

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
