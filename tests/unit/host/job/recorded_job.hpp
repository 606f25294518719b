// A job that records its log lines, its progress and its checkpoints.
#pragma once

#include "host/job/job.hpp"

#include <string>
#include <utility>
#include <vector>

struct RecordedJob {
    angod::host::Job job;
    std::vector<std::string> log;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> progress; ///< done, total
    std::vector<std::string> checkpoints;
    int saves_left = -1; ///< saves that succeed before all fail; −1: all succeed

    /// event: a JSON object. api_url: of the server that plays Hub.
    explicit RecordedJob(std::string event, std::string api_url = {}) {
        job.id = "j1";
        job.module_id = "own";
        job.event = std::move(event);
        job.members = angod::json::members(job.event).value();
        job.config = "{}";
        job.hub.api_url = std::move(api_url);
        job.log = [this](angod::host::LogLevel, std::string_view text) { log.emplace_back(text); };
        job.progress = [this](std::uint64_t done, std::uint64_t total) { progress.emplace_back(done, total); };
        job.save_checkpoint = [this](std::string_view text) -> angod::Result<void> {
            if (saves_left == 0) return angod::error(angod::Code::io, "killed");
            if (saves_left > 0) --saves_left;
            checkpoints.emplace_back(text);
            return {};
        };
    }
    RecordedJob(const RecordedJob &) = delete;
    RecordedJob &operator=(const RecordedJob &) = delete;
};
