// A host process that does what its module file says: for the tests of daemon/supervisor. It speaks the real protocol
// over the real channel, and loads no code.
//
// Each line of the module file is a key and a value:
//   id, version        of the descriptor
//   concurrent         the module runs jobs side by side
//   load HOW           ok (default), hang, crash, refuse, old (another protocol version), damaged, unknown, too long, close
//   create HOW         ok (default), hang, crash, refuse
// The event of a job says what the job does:
//   finish, fail, crash, close (the channel), checkpoint (waits until it is saved, then finishes),
//   wait (until it is cancelled), fall (crashes when it is cancelled), hang (ignores the cancel), print TEXT, log TEXT, progress: then it finishes
#include "base/channel.hpp"
#include "base/own_process.hpp"
#include "host_protocol/messages.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

namespace {

using namespace angod;
using namespace angod::host_protocol;

class FakeHost {
public:
    explicit FakeHost(ChannelEnd channel) : channel_(std::move(channel)) {}

    [[noreturn]] void run() {
        FrameBuffer buffer;
        for (;;) {
            while (const auto frame = *buffer.next()) on_frame(*frame);
            const auto [where, size] = buffer.prepare();
            const auto got = channel_.read_some(where, size);
            if (!got || *got == 0) leave_now(0);
            buffer.commit(*got);
        }
    }

private:
    template <class M> void send(const M &message) { send_bytes(encode(message)); }
    void send_bytes(const std::string &bytes) {
        if (!channel_.write(bytes.data(), bytes.size())) leave_now(1);
    }

    void on_frame(const Frame &frame) {
        switch (frame.type) {
            case Type::setup: return load(decode<Setup>(frame)->module_path);
            case Type::open_plugin: return open(*decode<OpenPlugin>(frame));
            case Type::run_job: return job(*decode<RunJob>(frame));
            case Type::cancel_job: return cancel(decode<CancelJob>(frame)->job);
            case Type::checkpoint_saved: return saved(*decode<CheckpointSaved>(frame));
            case Type::leave: leaving_ = true; return leave_if_idle();
            default: std::abort();
        }
    }

    void load(const std::string &path) {
        std::ifstream file(path);
        std::string key, value;
        while (file >> key) {
            std::getline(file >> std::ws, value);
            module_[key] = value;
        }
        const std::string how = module_["load"];
        send(Hello{.version = how == "old" ? kVersion - 1 : kVersion, .program_version = "fake"});
        if (how == "old" || how == "hang") return;
        if (how == "crash") crash("no memory for the module");
        if (how == "close") return close_channel();
        if (how == "refuse") return send(Refused{"it is no module"});
        if (how == "damaged") return send_bytes(std::string("\x01\0\0\0\x11x", 6));
        if (how == "unknown") return send_bytes(std::string("\0\0\0\0\x63", 5));
        if (how == "too long") return send_bytes(std::string("\xff\xff\xff\xff\x11", 5));
        send(ModuleLoaded{R"({"id":")" + module_["id"] + R"(","version":")" + module_["version"] +
                          R"(","kinds":["export"],"concurrent":)" +
                          (module_.contains("concurrent") ? "true" : "false") + "}"});
    }

    void open(const OpenPlugin &request) {
        const std::string how = module_["create"];
        if (how == "hang") return;
        if (how == "crash") crash("create failed");
        if (how == "refuse") return send(PluginRefused{request.plugin, request.settings});
        send(PluginOpened{request.plugin});
    }

    void job(const RunJob &request) {
        const std::string_view event = request.event;
        if (event == "crash") crash("about to crash");
        if (event == "close") return close_channel();
        if (event == "wait" || event == "fall" || event == "hang") {
            running_[request.job] = event;
            return;
        }
        if (event == "checkpoint") {
            running_[request.job] = event;
            return send(Checkpoint{request.job, "half"});
        }
        if (event == "fail") return finish(request.job, false);
        if (event.starts_with("print ")) {
            std::printf("%s\n", request.event.c_str() + 6);
            std::fflush(stdout);
        }
        if (event.starts_with("log ")) send(LogLine{request.job, 2, request.event.substr(4)});
        if (event == "progress") send(Progress{request.job, 1, 2});
        finish(request.job, true);
    }

    void cancel(const std::string &job) {
        const auto found = running_.find(job);
        if (found == running_.end() || found->second == "hang") return;
        if (found->second == "fall") crash("cancelled");
        running_.erase(found);
        finish(job, false);
    }

    void saved(const CheckpointSaved &message) {
        running_.erase(message.job);
        finish(message.job, message.problem.empty());
    }

    void finish(const std::string &job, bool succeeded) {
        JobFinished end;
        end.job = job;
        end.succeeded = succeeded;
        end.value = "{}";
        if (!succeeded) end.user_text = "It did not work.";
        send(end);
        leave_if_idle();
    }

    void leave_if_idle() {
        if (leaving_ && running_.empty()) leave_now(0);
    }

    [[noreturn]] void close_channel() {
        { const ChannelEnd gone = std::move(channel_); }
        for (;;) ::pause();
    }

    [[noreturn]] static void crash(const char *last_words) {
        std::fprintf(stderr, "%s\n", last_words);
        std::fflush(stderr);
        std::abort();
    }

    ChannelEnd channel_;
    std::map<std::string, std::string> module_;
    std::map<std::string, std::string> running_; ///< job → its event
    bool leaving_ = false;
};

} // namespace

int main() {
    become_host();
    FakeHost(inherited_channel()).run();
}
