// The part of the test program that runs when one of its tests has started it.
#pragma once

#include <string_view>

/// child-echo: sends back what the channel brings until its end, then exits with 5. child-talk: says "hello" 10,000 times on the channel while another
/// thread waits for what it brings, then exits with 5 at its end. child-arguments: prints its
/// arguments and its environment, a line each. child-crash: writes to address 0. child-hang: starts another like
/// itself, says "two" once both run, and never ends.
int run_as_child(std::string_view what);
