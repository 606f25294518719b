// The real angod-host with the test in the place of angod: the test sends frames that angod would send, and frames that
// it never sends. The module is odd_module.cpp.
//
// Each Host is a process with a channel. Reads wait at most 20 seconds. A process that a test leaves behind is killed with
// its Host.
#include "base/process.hpp"
#include "host_protocol/messages.hpp"

#include "odd_module.hpp"
#include "printing.hpp"
#include "within.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <fmt/format.h>

#include <poll.h>
#include <sys/socket.h>

#include <csignal>

using namespace angod;
using namespace angod::host_protocol;

namespace {

struct Ended {
    ExitStatus status;
    std::string output;
};

awaitable<void> wait_for_end(Process &process, Ended &ended) {
    co_await asio::async_read(process.output(), asio::dynamic_buffer(ended.output), as_value);
    ended.status = co_await process.wait();
}

class Host {
public:
    /// fault: of the module; see odd_module.cpp.
    explicit Host(const std::string &fault = "") {
        auto channel = make_channel(context_.get_executor());
        REQUIRE(channel);
        auto program = Program::open(std::filesystem::read_symlink("/proc/self/exe").parent_path() / "angod-host");
        REQUIRE(program);
        SpawnOptions options;
        options.arguments = {"angod-host"};
        options.environment = {"ODD_MODULE=" + fault};
        options.channel = &channel->theirs;
        auto started = Process::start(context_.get_executor(), *program, options);
        REQUIRE(started);
        process_ = std::move(*started);
        channel_.emplace(std::move(channel->ours));
        CHECK(expect<Hello>().version == kVersion);
    }

    void send_bytes(std::string_view bytes) {
        REQUIRE(::send(channel_->native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
                static_cast<ssize_t>(bytes.size()));
    }
    template <class M> void send(const M &message) { send_bytes(encode(message)); }

    /// The next message, which must be of this type.
    template <class M> M expect() {
        for (;;) {
            const auto frame = buffer_.next();
            REQUIRE(frame);
            if (*frame) {
                REQUIRE(static_cast<int>((*frame)->type) == static_cast<int>(M::kType));
                auto message = decode<M>(**frame);
                REQUIRE(message);
                return std::move(*message);
            }
            REQUIRE(receive());
        }
    }
    Ended end() {
        Ended ended;
        within_limit(context_, wait_for_end(*process_, ended));
        return ended;
    }
    void close() { channel_.reset(); }
    int pid() const { return process_->pid(); }

    /// Loads the module and opens the plugin "p".
    void make_ready() {
        send(Setup{.module_path = odd_module().string()});
        expect<ModuleLoaded>();
        send(OpenPlugin{"p", 0, "{}"});
        CHECK(expect<PluginOpened>().plugin == "p");
    }
    /// act: the member "do" of the event, and further members.
    void run(const std::string &id, const std::string &act, std::uint32_t attempt = 1) {
        send(RunJob{.job = id, .plugin = "p", .attempt = attempt, .event = R"({"do":)" + act + "}"});
    }
    /// The job must end now, with this answer.
    void expect_answer(const std::string &id, const std::string &value = "1") {
        const auto end = expect<JobFinished>();
        CHECK(end.job == id);
        CHECK(end.succeeded == 1);
        CHECK(end.value == value);
    }

private:
    bool receive() {
        pollfd wait{channel_->native_handle(), POLLIN, 0};
        if (::poll(&wait, 1, 20'000) != 1) return false;
        const auto [where, size] = buffer_.prepare();
        const ssize_t got = ::recv(channel_->native_handle(), where, size, 0);
        if (got > 0) buffer_.commit(static_cast<std::size_t>(got));
        return got > 0;
    }

    asio::io_context context_;
    std::unique_ptr<Process> process_;
    std::optional<ChannelStream> channel_;
    FrameBuffer buffer_;
};

struct ReadyHost : Host {
    ReadyHost() { make_ready(); }
};

} // namespace

TEST_CASE("a host tells its module and opens plugins with the settings of each") {
    Host host;
    host.send(Setup{.module_path = odd_module().string()});
    CHECK(host.expect<ModuleLoaded>().descriptor.starts_with(R"({"id":"odd",)"));
    host.send(OpenPlugin{"good", 0, "{}"});
    CHECK(host.expect<PluginOpened>().plugin == "good");
    host.send(OpenPlugin{"bad", 0, R"({"x":1})"});
    const auto refused = host.expect<PluginRefused>();
    CHECK(refused.plugin == "bad");
    CHECK(refused.reason == "The settings must be empty.");
    host.send(OpenPlugin{"other kind", 1, "{}"});
    CHECK(host.expect<PluginRefused>().reason == "the module odd does not serve this plugin kind");
}

TEST_CASE("a module that cannot be used is refused, and the host ends") {
    Host host("no table");
    host.send(Setup{.module_path = odd_module().string()});
    CHECK(host.expect<Refused>().reason ==
          "odd_module.so: it says that it serves \"ango.input\" but has no table for it");
    CHECK(host.end().status.code == 1);
}

TEST_CASE("a job logs, ends with its answer, and may come again under the same id") {
    ReadyHost host;
    host.run("j1", R"("log")");
    const auto line = host.expect<LogLine>();
    CHECK(line.job == "j1");
    CHECK(line.level == 2);
    CHECK(line.text == "a line");
    host.expect_answer("j1");
    for (std::uint32_t attempt = 2; attempt < 50; ++attempt) {
        host.run("j1", "0", attempt);
        host.expect_answer("j1", std::to_string(attempt));
    }
}

TEST_CASE("jobs run side by side, and a cancel is for one of them") {
    ReadyHost host;
    for (const char *id : {"a", "b", "c"}) {
        host.run(id, R"("wait")");
        CHECK(host.expect<LogLine>().job == id);
    }
    host.run("d", "0");
    host.expect_answer("d");
    for (const char *id : {"b", "c", "a"}) {
        host.send(CancelJob{"none"});
        host.send(CancelJob{id});
        const auto end = host.expect<JobFinished>();
        CHECK(end.job == id);
        CHECK(end.succeeded == 0);
    }
    host.run("e", "0");
    host.expect_answer("e");
}

TEST_CASE("a checkpoint is saved when angod says so, and not before") {
    ReadyHost host;
    host.run("a", R"("save","bytes":65536)");
    const auto checkpoint = host.expect<Checkpoint>();
    CHECK(checkpoint.job == "a");
    CHECK(checkpoint.bytes == std::string(65'536, 'c'));
    host.send(CheckpointSaved{"none", ""});
    host.run("b", "0");
    host.expect_answer("b");
    host.send(CheckpointSaved{"a", ""});
    host.expect_answer("a");
    host.send(CheckpointSaved{"a", ""}); // the job has ended
    host.run("c", R"("save","bytes":1)");
    host.expect<Checkpoint>();
    host.send(CheckpointSaved{"c", "the disk is full"});
    const auto end = host.expect<JobFinished>();
    CHECK(end.job == "c");
    CHECK(end.succeeded == 0);
    CHECK(end.operator_text == "the module returned status -5");
}

TEST_CASE("a call of Hub waits for its turn, and a cancel ends the wait") {
    for (const char *act : {R"("ask")", R"("ask on cancel")"}) {
        ReadyHost host;
        host.run("a", act);
        CHECK(host.expect<CallWanted>().job == "a");
        host.run("b", "0"); // other jobs go on
        host.expect_answer("b");
        host.send(CancelJob{"a"});
        const auto end = host.expect<JobFinished>();
        CHECK(end.job == "a");
        CHECK(end.succeeded == 0);
    }
}

TEST_CASE("a call of Hub is made once it is granted") {
    ReadyHost host;
    host.run("a", R"("ask")");
    host.expect<CallWanted>();
    host.send(CallGranted{"none"});
    host.send(CallGranted{"a"});
    const auto end = host.expect<JobFinished>(); // the address of Hub is none
    CHECK(end.job == "a");
    CHECK(end.operator_text == "the module returned status -1");
}

TEST_CASE("a checkpoint that is too long is not sent to angod") {
    ReadyHost host;
    host.run("a", R"("save","bytes":65537)");
    const auto end = host.expect<JobFinished>();
    CHECK(end.succeeded == 0);
    CHECK(end.operator_text == "the module returned status -3");
}

TEST_CASE("of much progress the first and the last report are sent") {
    ReadyHost host;
    host.run("a", R"("steps")");
    const auto first = host.expect<Progress>(), last = host.expect<Progress>();
    CHECK(first.done == 1);
    CHECK(last.done > 1);
    // A slow machine may need a quarter of a second for the reports and then sends some of them.
    std::uint64_t done = last.done;
    for (int more = 0; done < 1000; ++more) {
        REQUIRE(more < 20);
        done = host.expect<Progress>().done;
    }
    host.expect_answer("a");
}

TEST_CASE("a job for a plugin that was not opened fails and harms no other") {
    ReadyHost host;
    host.send(RunJob{.job = "a", .plugin = "unknown", .event = "{}"});
    const auto end = host.expect<JobFinished>();
    CHECK(end.job == "a");
    CHECK(end.user_text == "The plugin is not set up on this server.");
    CHECK(end.operator_text == "angod sent a job for a plugin that it had not opened");
    host.run("b", "0");
    host.expect_answer("b");
}

TEST_CASE("a host that is told to leave ends after its last job") {
    ReadyHost idle;
    idle.send(Leave{});
    CHECK(idle.end().status.code == 0);
    ReadyHost busy;
    busy.run("a", R"("wait")");
    busy.expect<LogLine>();
    busy.run("b", R"("wait")");
    busy.expect<LogLine>();
    busy.send(Leave{});
    for (const char *id : {"a", "b"}) {
        busy.send(CancelJob{id});
        CHECK(busy.expect<JobFinished>().job == id);
    }
    const Ended ended = busy.end();
    CHECK(ended.status.code == 0);
    CHECK(ended.status.signal == 0);
    CHECK(ended.output.empty());
}

TEST_CASE("a host whose angod is gone ends at once, also in the middle of a job") {
    ReadyHost idle;
    idle.close();
    CHECK(idle.end().status.signal == SIGKILL);
    ReadyHost busy;
    busy.run("a", R"("wait")");
    busy.expect<LogLine>();
    busy.close();
    CHECK(busy.end().status.signal == SIGKILL);
}

TEST_CASE("messages in a wrong order or form end the host with a sentence") {
    const std::pair<std::string, const char *> cases[] = {
        {encode(Setup{.version = kVersion + 1}),
         "angod speaks another version of the host protocol; install both from one package\n"},
        {encode(OpenPlugin{"p", 0, "{}"}), "angod opened a plugin before it named the module\n"},
        {encode(RunJob{.job = "a", .plugin = "p", .event = "{}"}), "angod sent a job before it named the module\n"},
        {std::string("\0\0\0\0\x63", 5), "angod sent a message of unknown type\n"},
        {encode(Hello{}), "angod sent a message of unknown type\n"},
        {std::string("\x01\0\0\0\x01x", 6), "a host message is damaged\n"},
    };
    for (const auto &[bytes, sentence] : cases) {
        Host host;
        host.send_bytes(bytes);
        const Ended ended = host.end();
        CHECK(ended.status.code == 1);
        CHECK(ended.output == sentence);
    }
    Host host;
    host.send_bytes(std::string("\xff\xff\xff\xff\x01", 5));
    CHECK(host.end().status.code == 1);
}

TEST_CASE("frames may come in pieces and several at once") {
    ReadyHost host;
    const std::string frame = encode(RunJob{.job = "a", .plugin = "p", .event = R"({"do":0})"});
    for (const char c : frame) host.send_bytes({&c, 1});
    host.expect_answer("a");
    std::string many;
    for (int i = 0; i < 20; ++i)
        many += encode(RunJob{.job = fmt::format("j{}", i), .plugin = "p", .event = R"({"do":0})"});
    host.send_bytes(many);
    std::vector<bool> ended(20, false);
    for (int i = 0; i < 20; ++i) ended[std::stoul(host.expect<JobFinished>().job.substr(1))] = true;
    CHECK(std::count(ended.begin(), ended.end(), true) == 20);
}
