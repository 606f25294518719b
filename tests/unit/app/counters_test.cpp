#include "app/counters.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::app;
using namespace std::chrono_literals;

TEST_CASE("jobs are counted by plugin and outcome, runs by plugin, crashes by module") {
    Counters counters;
    jobs::Job job;
    job.plugin = "p";
    for (const auto outcome : {jobs::State::done, jobs::State::done, jobs::State::failed, jobs::State::cancelled}) {
        job.answer.outcome = outcome;
        counters.job_ended(job);
    }
    counters.run_ended("p", 2s);
    counters.host_crashed("m");
    const auto p = counters.of_plugin("p");
    CHECK(p.done == 2);
    CHECK(p.failed == 1);
    CHECK(p.cancelled == 1);
    CHECK(p.runs.count() == 1);
    CHECK(counters.crashes_of("m") == 1);
    CHECK(counters.of_plugin("q").done == 0);
    CHECK(counters.crashes_of("n") == 0);
}

TEST_CASE("what is not kept is forgotten") {
    Counters counters;
    counters.run_ended("p", 1s);
    counters.run_ended("q", 1s);
    counters.host_crashed("m");
    counters.host_crashed("n");
    counters.keep({"q"}, {"n"});
    CHECK(counters.of_plugin("p").runs.count() == 0);
    CHECK(counters.of_plugin("q").runs.count() == 1);
    CHECK(counters.crashes_of("m") == 0);
    CHECK(counters.crashes_of("n") == 1);
}
