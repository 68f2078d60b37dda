// SPDX-License-Identifier: MIT
#include "support/caught_look.h"

#include <signal.h>

#include <fstream>
#include <stdexcept>

#include "support/subprocess.h"

namespace heapmeter::testing {

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> found;
  std::error_code gone;
  for (const auto &task :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", gone)) {
    std::ifstream list(task.path() / "children");
    for (pid_t child = 0; list >> child;) found.push_back(child);
  }
  return found;
}

char state_of(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(stat, text);  // fails softly when it ends meanwhile
  const auto behind = text.rfind(") ");
  return behind == std::string::npos ? ' ' : text[behind + 2];
}

bool has_ended(pid_t pid) { return state_of(pid) == ' ' || state_of(pid) == 'Z'; }

CaughtLook::CaughtLook(pid_t pid, const std::filesystem::path &socket) {
  if (!eventually([&] { return catches(pid, socket); }))
    throw std::runtime_error("no look took long enough to be caught");
}

// It may be over before it is seen, or the one before not yet: then there is an answer.
bool CaughtLook::catches(pid_t pid, const std::filesystem::path &socket) {
  reader_.emplace(socket);
  reader_->send(kAskForALook);
  std::vector<pid_t> children;
  const auto any_lives = [&] {
    children = children_of(pid);
    std::erase_if(children, has_ended);
    return !children.empty();
  };
  eventually([&] { return any_lives() || reader_->has_answer(); });
  for (pid_t child : children) {
    kill(child, SIGSTOP);
    eventually([&] { return state_of(child) == 'T' || has_ended(child); });
    image_ = child;
    if (state_of(child) == 'T') return true;
  }
  return false;
}

void CaughtLook::go_on() const { kill(image_, SIGCONT); }

}  // namespace heapmeter::testing
