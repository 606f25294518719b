// Kind Input: answers every event with {"echo": <the event>}. One object of this class runs many jobs at a time.
#include <ango/module.hpp>

struct Echo : ango::Input {
    std::string answer(ango::Job &job) override { return R"({"echo":)" + std::string(job.event()) + "}"; }
};

ANGO_MODULE(Echo, {.id = "echo", .version = "1.0", .summary = "Answers with the event itself", .concurrent = true})
