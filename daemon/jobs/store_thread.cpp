#include "jobs/store_thread.hpp"

#include "base/own_process.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <exception>

namespace angod::jobs {

Error store_error(const SqliteError &failed) {
    if (failed.is_damage())
        return error(Code::io,
                     fmt::format("{}; stop angod and run \"angod store check\" with the same --config", failed.what()));
    return error(failed.code == SQLITE_FULL ? Code::full : Code::io, failed.what());
}

StoreThread::~StoreThread() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void StoreThread::push(std::shared_ptr<Request> request) {
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(request));
    }
    wake_.notify_one();
}

void StoreThread::loop() {
    name_thread("store");
    for (;;) {
        std::deque<std::shared_ptr<Request>> batch;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
            if (waiting_.empty()) return;
            batch.swap(waiting_);
        }
        run_batch(batch);
    }
}

/// Consecutive requests share a transaction.
void StoreThread::run_batch(std::deque<std::shared_ptr<Request>> &batch) {
    while (!batch.empty()) {
        std::vector<std::shared_ptr<Request>> group;
        const bool outside = batch.front()->outside_transaction;
        do {
            group.push_back(std::move(batch.front()));
            batch.pop_front();
        } while (!outside && !batch.empty() && !batch.front()->outside_transaction);

        std::optional<Error> lost;
        try {
            if (outside) {
                group.front()->run();
                group.front()->complete(nullptr);
            } else {
                run_group(group);
            }
            continue;
        } catch (const SqliteError &e) {
            lost = store_error(e);
        } catch (const std::exception &e) {
            lost = error(Code::io, e.what());
        }
        if (db_.in_transaction()) {
            try {
                db_.run("ROLLBACK");
            } catch (const SqliteError &) { // already undone
            }
        }
        for (const auto &request : group) request->complete(&*lost);
    }
}

/// One transaction. A request that fails by itself undoes only itself; if the transaction as a whole is lost (full
/// disk), that is thrown and each of its requests has failed.
void StoreThread::run_group(const std::vector<std::shared_ptr<Request>> &group) {
    const bool several = group.size() > 1;
    std::vector<std::pair<Request *, Error>> failed;
    begin_.run();
    for (const auto &request : group) {
        if (several) save_.run();
        try {
            request->run();
        } catch (const SqliteError &e) {
            if (!several || !db_.in_transaction()) throw; // SQLite has undone everything
            failed.emplace_back(request.get(), store_error(e));
            db_.run("ROLLBACK TO request");
        }
        if (several) release_.run();
    }
    commit_.run();
    for (const auto &request : group) {
        const Error *own = nullptr;
        for (const auto &[which, why] : failed)
            if (which == request.get()) own = &why;
        request->complete(own);
    }
}

} // namespace angod::jobs
