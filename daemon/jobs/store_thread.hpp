// The one thread that writes: takes all requests that are waiting, runs them in one transaction, and tells
// their coroutines after the commit.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"
#include "jobs/sqlite.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace angod::jobs {

Error store_error(const SqliteError &failed);

class StoreThread {
public:
    /// A request: run on the store thread inside a transaction, then complete on the event loop.
    class Request {
    public:
        virtual ~Request() = default;
        virtual void run() = 0;
        /// commit_error: null if the transaction is durable. Posts the result to the event loop.
        virtual void complete(const Error *commit_error) = 0;
        bool outside_transaction = false;
    };

    StoreThread(Database &db, asio::any_io_executor executor)
        : db_(db),
          begin_(db, "BEGIN IMMEDIATE"),
          commit_(db, "COMMIT"),
          save_(db, "SAVEPOINT request"),
          release_(db, "RELEASE request"),
          executor_(std::move(executor)),
          thread_([this] { loop(); }) {}
    /// Runs what is waiting, then ends the thread. No coroutine may be waiting for a request any more.
    ~StoreThread();

    /// For submit: a request that only reads does not share the fate of those that write beside it.
    static constexpr bool kReads = true;

    /// work() runs on the store thread and returns a Result; it may throw SqliteError.
    template <class Work> auto submit(Work work, bool outside_transaction = false) -> awaitable<decltype(work())> {
        using Value = decltype(work());
        // The caller's coroutine waits for the timer; a moved-in result wakes it.
        struct Waiting final : Request {
            explicit Waiting(Work w) : work(std::move(w)) {}
            void run() override { value.emplace(work()); }
            void complete(const Error *commit_error) override {
                if (commit_error && (!value || *value)) value.emplace(*commit_error);
                // Moved out first: if the loop never turns again, the caller must not own itself through this request.
                const auto last = std::exchange(resume, nullptr);
                last();
            }
            Work work;
            std::optional<Value> value;
            std::function<void()> resume;
        };
        auto request = std::make_shared<Waiting>(std::move(work));
        request->outside_transaction = outside_transaction;
        co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
            [this, &request](auto handler) {
                auto shared = std::make_shared<decltype(handler)>(std::move(handler));
                // The raw pointer is safe: complete is called by the thread, which holds the request.
                request->resume = [shared, executor = executor_] {
                    asio::post(executor, [shared]() mutable { std::move (*shared)(); });
                };
                push(request);
            },
            asio::use_awaitable);
        co_return std::move(*request->value);
    }

private:
    void push(std::shared_ptr<Request> request);
    void loop();
    void run_batch(std::deque<std::shared_ptr<Request>> &batch);
    void run_group(const std::vector<std::shared_ptr<Request>> &group);

    Database &db_;
    Statement begin_, commit_, save_, release_;
    asio::any_io_executor executor_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::shared_ptr<Request>> waiting_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace angod::jobs
