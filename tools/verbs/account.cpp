// SPDX-License-Identifier: MIT
//
// heapmeter account: where the memory of one process is, from requested bytes to resident ones; once, or a
// line of it every few seconds.
#include <unistd.h>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "readings/allocator_name.h"
#include "readings/take_account.h"
#include "system/resident.h"
#include "text/json_text.h"
#include "text/output.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "verbs/observing.h"
#include "verbs/pacing.h"
#include "verdicts/judge.h"
#include "views/account.h"
#include "views/account_series.h"
#include "views/verdicts.h"

namespace heapmeter::cli {
namespace {

constexpr std::chrono::milliseconds kPatience{5000};
constexpr std::int64_t kMostTries = 1000;

struct Options {
  std::string target;
  Pace pace;
  std::int64_t tries = kUsualTries;
  bool json = false, csv = false;
  Units units;
};

class Taken {
 public:
  Taken(Target target, const Options &options)
      : target_(std::move(target)), options_(options), paint_(Paint::for_fd(STDOUT_FILENO)) {}

  void take() {
    account_ = take_account(target_, kPatience, static_cast<int>(options_.tries));
    reading_ = follow_target(target_, kPatience);
    watched_.add(*reading_, account_->resident_bytes, process::anonymous_bytes(target_.local_pid));
    growth_.note(*reading_);
  }

  std::string once() const {
    if (options_.json) return json();
    if (options_.csv) return account_csv_header() + account_csv_row(seconds_since_1970(), *account_);
    Account named = *account_;
    named.backend = allocator_name(*reading_);
    return account_text(named, target_.label(), options_.units, paint_, speaks_utf8(),
                        terminal_columns(STDOUT_FILENO)) +
           verdict();
  }

  std::string row() {
    if (options_.json) return json();
    const bool first = rows_++ == 0;
    if (options_.csv)
      return (first ? account_csv_header() : "") + account_csv_row(seconds_since_1970(), *account_);
    return account_rows_.header_when_due(options_.units, paint_, terminal_rows(STDOUT_FILENO)) +
           account_rows_.row(*account_, options_.units);
  }

  std::string verdict() const { return verdicts_text(judged(), paint_, terminal_columns(STDOUT_FILENO)); }
  const Target &target() const { return target_; }
  bool any() const { return account_.has_value(); }
  void ended() { ended_ = true; }

 private:
  std::string json() const {
    boost::json::object object = to_json(*account_);
    object["verdicts"] = to_json(judged());
    return json_text(object) + "\n";
  }

  std::vector<verdicts::Verdict> judged() const {
    verdicts::Observed observed =
        ended_ ? verdicts::Observed{} : observe(target_, *reading_, *account_, kPatience);
    observed.reading = reading_;
    observed.series = watched_.series();
    observed.ended = ended_;
    return growth_.judge(std::move(observed));
  }

  Target target_;
  const Options &options_;
  Paint paint_;
  std::optional<Account> account_;
  std::optional<Reading> reading_;
  verdicts::Watched watched_;
  Growth growth_{target_, kPatience};
  AccountSeries account_rows_;
  int rows_ = 0;
  bool ended_ = false;
};

int show_series(Taken &taken, const Options &options) {
  const bool summed_up = !options.json && !options.csv;
  InterruptHeld interrupt(summed_up);
  if (!repeat(options.pace, interrupt, [&] {
        taken.take();
        output::write(taken.row());
      })) {
    if (!taken.any()) throw_ended(taken.target());
    output::note(taken.target().label() + " has ended");
    taken.ended();
  }
  if (summed_up) {
    try {
      output::write("\n" + taken.verdict());
    } catch (const ProcessEnded &) {
      taken.ended();
      output::write("\n" + taken.verdict());
    }
  }
  interrupt.pass_on();
  return kOk;
}

}  // namespace

int cmd_account(const Arguments &arguments) {
  Options options;
  Parser parser("account", "[OPTIONS] TARGET",
                "Where the memory of a metered process is: what it asked for, what the allocator holds for "
                "it, what is resident, and the rest of its resident memory; and what that means.",
                "  heapmeter account python3\n"
                "  heapmeter account python3 -i 1 -c 60     held, committed and resident over time\n"
                "  heapmeter account 4711 --json | jq .remainder_bytes");
  parser.target(options.target);
  options.pace.add_options(parser, "a row of it");
  parser.option("--tries", options.tries, "N", "of a process that moves the best of so many readings (4)");
  parser.json(options.json, "a JSON object for each reading");
  parser.flag("--csv", options.csv, "a header, then a line of exact values for each reading");
  parser.bytes(options.units.exact);
  if (!parser.parse(arguments)) return kOk;
  if (options.json && options.csv)
    throw UserError("--json and --csv exclude each other; give one of them", kUsage);
  options.pace.check(parser, "account");
  if (options.tries < 1 || options.tries > kMostTries)
    throw UserError(fmt::format("--tries is the number of readings; give 1 to {}", kMostTries), kUsage);
  Taken taken(resolve_target(options.target), options);
  if (options.pace.interval > 0) return show_series(taken, options);
  output::write(read_living(taken.target(), [&] {
    taken.take();
    return taken.once();
  }));
  return kOk;
}

}  // namespace heapmeter::cli
