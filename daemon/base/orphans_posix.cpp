#include "base/orphans_posix.hpp"

#include "base/orphans.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <vector>

namespace angod {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::microseconds kCheck = 5ms;
constexpr int kChecks = 400;

std::vector<pid_t> children_of_self() {
    std::vector<pid_t> children;
    std::error_code ignored;
    for (const auto &task : std::filesystem::directory_iterator("/proc/self/task", ignored)) {
        std::FILE *file = std::fopen((task.path() / "children").c_str(), "re");
        if (!file) continue;
        for (int pid = 0; std::fscanf(file, "%d", &pid) == 1;) children.push_back(pid);
        std::fclose(file);
    }
    return children;
}

} // namespace

const asio::execution_context::id Orphans::id;

Orphans::~Orphans() {
    for (int i = 0; i < kChecks && end(); ++i) ::usleep(kCheck / 1us);
}

void Orphans::adopt() {
    for (const pid_t pid : children_of_self()) children_->add(pid);
    adopting_ = ::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0;
}

bool Orphans::end() {
    if (!adopting_) return false;
    const std::unique_lock starting(children_->starting, std::try_to_lock);
    if (!starting) return true;
    bool any = false;
    for (const pid_t pid : children_of_self()) {
        if (children_->contains(pid)) continue;
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, WNOHANG);
        any = true;
    }
    return any;
}

awaitable<void> Orphans::end_all() {
    for (int i = 0; i < kChecks && end(); ++i) co_await pause(kCheck);
}

void adopt_orphans(asio::execution_context &context) { asio::use_service<Orphans>(context).adopt(); }

} // namespace angod
