// SPDX-License-Identifier: MIT
//
// Logs are lines of key=value on standard error.
#include "server/user_server.h"

#include <algorithm>
#include <csignal>
#include <thread>

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "server/heap_report.h"
#include "server/server.h"
#include "support/user_error.h"

namespace demo {
namespace {

namespace asio = boost::asio;

Config load(const std::optional<std::string> &file) {
  if (!file) return {};
  auto config = Config::from_file(*file);
  if (!config) throw UserError(fmt::format("{}: {}", *file, describe(config.error())));
  return *std::move(config);
}

void begin_log(const Config &config) {
  auto logger = spdlog::stderr_logger_mt("user_server");
  logger->set_pattern("time=%Y-%m-%dT%H:%M:%S.%e%z level=%l %v");
  logger->set_level(spdlog::level::from_str(config.log_level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

// Every connection is a file descriptor; the usual soft limit of 1024 is there for programs that use
// select().
void raise_descriptor_limit(const Config &config) {
  constexpr rlim_t kOthers = 512;  // rejected connections, log, epoll, timers
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = config.max_connections + kOthers;
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted)
    spdlog::warn(
        "event=few_descriptors limit={} wanted={} advice=\"raise ulimit -n or lower max_connections\"",
        limit.rlim_cur, wanted);
}

// The first signal stops gracefully, the second at once.
class SignalThread {
 public:
  explicit SignalThread(Server &server) : server_(server), signals_(context_, SIGINT, SIGTERM) {
    wait();
    thread_ = std::thread([this] { context_.run(); });
  }
  ~SignalThread() {
    context_.stop();
    thread_.join();
  }
  bool aborted() const { return count_ > 1; }

 private:
  void wait() {
    signals_.async_wait([this](const boost::system::error_code &error, int number) {
      if (error) return;
      spdlog::info("event=signal number={} then={}", number, ++count_ == 1 ? "drain" : "abort");
      count_ == 1 ? server_.stop() : server_.abort();
      wait();
    });
  }

  Server &server_;
  std::atomic<int> count_{0};
  asio::io_context context_{1};
  asio::signal_set signals_;
  std::thread thread_;
};

}  // namespace

ExitCode run_user_server_with(const std::optional<std::string> &file, TaskFunction task) {
  std::signal(SIGPIPE, SIG_IGN);  // a log reader that goes away shall not take the server with it
  const Config config = load(file);
  begin_log(config);
  raise_descriptor_limit(config);

  Server server(config, std::move(task));
  const SignalThread signals(server);
  server.start();
  spdlog::info("event=listening host={} port={} pid={} metered={}", config.host, server.port(), ::getpid(),
               heapmeter::metered());
  server.wait();

  std::string report;
  append_heap_json(server.app(), report);
  spdlog::info("event=stopped report={}", report);
  return signals.aborted() ? ExitCode::kFailed : ExitCode::kOk;
}

ExitCode run_user_server(const std::optional<std::string> &file) {
  return run_user_server_with(file, sum_of);
}

}  // namespace demo
