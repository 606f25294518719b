// Child processes on Windows. The child is this program itself, started with a word that tells it what to do (child.cpp).
//
// No case waits longer than a minute.
#include "base/process.hpp"

#include "base/text_windows.hpp"
#include "printing.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

using namespace angod;
using namespace asio::experimental::awaitable_operators;

namespace {

std::filesystem::path this_program() {
    wchar_t path[MAX_PATH];
    ::GetModuleFileNameW(nullptr, path, MAX_PATH);
    return path;
}

/// Runs the coroutine; no test waits longer than a minute.
template <class T> T run(asio::io_context &io, awaitable<T> task) {
    std::optional<T> value;
    std::exception_ptr failed;
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, T result) {
        failed = error;
        if (!error) value = std::move(result);
    });
    io.run_for(std::chrono::minutes(1));
    if (failed) std::rethrow_exception(failed);
    if (!value) throw std::runtime_error("it took longer than a minute");
    return std::move(*value);
}

struct Ended {
    ExitStatus status;
    std::string output;
};

awaitable<std::string> output_of(Process &process) {
    std::string all;
    asio::dynamic_string_buffer buffer(all);
    co_await asio::async_read(process.output(), buffer, as_value); // ends with an error, the end of the pipe
    co_return all;
}

awaitable<Ended> to_the_end(Process &process) {
    auto output = co_await output_of(process);
    const ExitStatus status = co_await process.wait();
    co_return Ended{status, std::move(output)};
}

std::unique_ptr<Process> start(asio::io_context &io, SpawnOptions options) {
    const auto program = Program::open(this_program());
    REQUIRE(program);
    auto process = Process::start(io.get_executor(), *program, options);
    REQUIRE(process);
    return std::move(*process);
}

} // namespace

TEST_CASE("arguments and environment of a child are those it was given") {
    asio::io_context io;
    SpawnOptions options;
    options.arguments = {"the name", "child-arguments", "",      "two words",
                         "a\"b",     "c\\\"d",          "e\\\\", "\xc3\xa4\xe2\x82\xac"};
    options.environment = {"ZWEI=2", "eins=\xc3\xa4 =1", "LEER="};
    const auto process = start(io, options);
    const Ended ended = run(io, to_the_end(*process));
    CHECK(ended.status.text() == "exited with code 0");
    std::string expected;
    for (const std::string &argument : options.arguments) expected += "argument: " + argument + "\r\n";
    CHECK(ended.output.starts_with(expected));
    for (const std::string &variable : options.environment)
        CHECK(ended.output.find("variable: " + variable + "\r\n") != std::string::npos);
    CHECK(ended.output.find("variable: SystemRoot=") != std::string::npos);
    CHECK(ended.output.find("variable: PATH=") == std::string::npos);
}

TEST_CASE("a channel carries both ways at once, and its end is the end for the child") {
    asio::io_context io;
    auto channel = make_channel(io.get_executor());
    REQUIRE(channel);
    std::optional<ChannelEnd> theirs(std::move(channel->theirs));
    SpawnOptions options;
    options.arguments = {"test", "child-echo"};
    options.channel = &*theirs;
    const auto process = start(io, options);
    theirs.reset();
    std::string sent(5'000'000, '\0'), got(sent.size(), '\0'); // much more than the pipe holds
    for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>(i * 31 >> 8);
    const auto both = [](ChannelStream &stream, const std::string &out, std::string &in) -> awaitable<bool> {
        const auto [failed, written, read] = co_await (asio::async_write(stream, asio::buffer(out), as_value) &&
                                                       asio::async_read(stream, asio::buffer(in), as_value));
        co_return !failed && !std::get<0>(read);
    };
    REQUIRE(run(io, both(channel->ours, sent, got)));
    CHECK((got == sent));
    channel->ours.close();
    io.restart();
    CHECK(run(io, to_the_end(*process)).status.text() == "exited with code 5");
}

TEST_CASE("a child writes while another of its threads waits to read") {
    asio::io_context io;
    auto channel = make_channel(io.get_executor());
    REQUIRE(channel);
    std::optional<ChannelEnd> theirs(std::move(channel->theirs));
    SpawnOptions options;
    options.arguments = {"test", "child-talk"};
    options.channel = &*theirs;
    const auto process = start(io, options);
    theirs.reset();
    const auto heard = [](ChannelStream &stream) -> awaitable<std::string> {
        std::string text(50'000, '\0');
        co_await asio::async_read(stream, asio::buffer(text), as_value);
        co_return text;
    };
    CHECK(run(io, heard(channel->ours)).ends_with("hello")); // although we send nothing
    channel->ours.close();
    io.restart();
    CHECK(run(io, to_the_end(*process)).status.text() == "exited with code 5");
}

TEST_CASE("the end of a child is the end of its channel") {
    asio::io_context io;
    auto channel = make_channel(io.get_executor());
    REQUIRE(channel);
    std::optional<ChannelEnd> theirs(std::move(channel->theirs));
    SpawnOptions options;
    options.arguments = {"test", "child-leave"};
    options.channel = &*theirs;
    const auto process = start(io, options);
    theirs.reset();
    const auto read = [](ChannelStream &stream) -> awaitable<bool> {
        char byte = 0;
        const auto [failed, n] = co_await stream.async_read_some(asio::buffer(&byte, 1), as_value);
        co_return failed &&n == 0;
    };
    CHECK(run(io, read(channel->ours)));
    io.restart();
    CHECK(run(io, to_the_end(*process)).status.text() == "exited with code 42");
}

TEST_CASE("a crash is told from an exit") {
    asio::io_context io;
    SpawnOptions options;
    options.arguments = {"test", "child-crash"};
    const auto process = start(io, options);
    CHECK(run(io, to_the_end(*process)).status.text() == "was ended by exception 0xC0000005 (access violation)");
    CHECK(process->resident() == 0);
}

TEST_CASE("a kill ends what the child has started too") {
    asio::io_context io;
    SpawnOptions options;
    options.arguments = {"test", "child-hang"};
    const auto process = start(io, options);
    const auto both_run = [](Process &of) -> awaitable<std::string> {
        std::string line(5, '\0');
        co_await asio::async_read(of.output(), asio::buffer(line), as_value);
        co_return line;
    };
    REQUIRE(run(io, both_run(*process)) == "two\r\n");
    CHECK(process->resident() > 100'000);
    process->kill();
    io.restart();
    // The other one holds the output open: this ends only if it ends.
    CHECK(run(io, to_the_end(*process)).status.text() == "was killed");
}

TEST_CASE("a program cannot be changed while it is open") {
    const auto copy = std::filesystem::temp_directory_path() / L"angod-test-\u00e4.exe";
    std::filesystem::copy_file(this_program(), copy, std::filesystem::copy_options::overwrite_existing);
    {
        const auto program = Program::open(copy);
        REQUIRE(program);
        CHECK_FALSE(::DeleteFileW(copy.c_str()));
        CHECK(::GetLastError() == ERROR_SHARING_VIOLATION);
        asio::io_context io;
        SpawnOptions options;
        options.arguments = {"test", "child-leave"};
        auto process = Process::start(io.get_executor(), *program, options);
        REQUIRE(process);
        CHECK(run(io, to_the_end(**process)).status.code == 42);
    }
    CHECK(::DeleteFileW(copy.c_str()));
    CHECK(Program::open(copy).error().code == Code::not_found);
}
