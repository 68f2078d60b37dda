// SPDX-License-Identifier: MIT
#include "looker.h"

#include <heapmeter/protocol.h>

#include <vector>

#include "support/http.h"

namespace heapmeter::testing::matrix {
namespace fs = std::filesystem;
namespace {

// Between two looks the program gets on with what it does.
constexpr std::chrono::milliseconds kPause{10};
constexpr std::chrono::seconds kPatience{60};

// None while the directory is being made, or changes as it is read.
std::vector<fs::path> sockets_in(const fs::path &directory) {
  std::vector<fs::path> sockets;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == ".sock") sockets.push_back(at->path());
  }
  return sockets;
}

}  // namespace

std::string take_look(const fs::path &socket) {
  try {
    Connection connection(socket);
    connection.send("POST " HEAPMETER_PATH_LEAKS " HTTP/1.1\r\nHost: heapmeter\r\nHeapmeter: 1\r\n\r\n");
    const Answer answer = parse_answer(connection.receive_all(kPatience));
    if (answer.status == 0) return "no answer";
    return answer.status == 200 ? "taken" : std::string(answer.json().at("error").as_string());
  } catch (const std::system_error &) {
    return "nobody there";
  }
}

Looker::Looker(fs::path sockets) : sockets_(std::move(sockets)), thread_([this] { run(); }) {}

Looker::~Looker() { end(); }

Looker::Answers Looker::end() {
  ended_ = true;
  if (thread_.joinable()) thread_.join();
  return answers_;
}

void Looker::run() {
  while (!ended_) {
    for (const fs::path &socket : sockets_in(sockets_)) {
      if (!ended_) ++answers_[take_look(socket)];
    }
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace heapmeter::testing::matrix
