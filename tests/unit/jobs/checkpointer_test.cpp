#include "jobs/checkpointer.hpp"
#include "temporary_folder.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <thread>

using namespace angod;
using namespace angod::jobs;

TEST_CASE("what is committed finds its way into the database beside the writer") {
    const TemporaryFolder folder;
    const std::filesystem::path file = folder.path() / "test.db";
    Database writer(file.string());
    writer.run("PRAGMA journal_mode = WAL");
    writer.run("CREATE TABLE t(x BLOB)");
    const Checkpointer checkpointer(file.string(), writer);
    const auto before = std::filesystem::file_size(file);
    for (int i = 0; i < 1200; ++i) writer.run("INSERT INTO t VALUES(zeroblob(4000))");
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::filesystem::file_size(file) < before + 1'000'000 && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    CHECK(std::filesystem::file_size(file) >= before + 1'000'000);
}
