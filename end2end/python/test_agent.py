"""A coding agent at work: a long tool loop in the shape that Codex CLI asks in, all of it sent anew in each turn."""

import uuid

import pytest

from test_responses import THINKERS

INSTRUCTIONS = "You are a coding agent. " + "Read before you write; write no more than is asked. " * 150
TOOLS = [
    {
        "type": "function",
        "name": name,
        "description": f"Does {name}.",
        "strict": strict,
        "parameters": {
            "type": "object",
            "properties": {"command": {"type": "array", "items": {"type": "string"}}, "workdir": {"type": "string"}},
            "required": ["command", "workdir"],
            "additionalProperties": False,
        },
    }
    for name, strict in [("shell", False), ("update_plan", True)]
]
TURNS = 30


class Agent:
    """Keeps the conversation as Codex does: items without ids and states, reasoning by its summary and ciphertext alone."""

    def __init__(self, client, model: str, provider: str):
        self.client, self.model, self.provider = client, model, provider
        self.session = str(uuid.uuid4())
        self.items: list[dict] = []
        self.cached: list[int] = []
        self.prompts: list[int] = []

    def turn(self) -> list:
        """One request; its items join the conversation."""
        events = self.client.responses.create(
            model=self.model,
            instructions=f"{self.session} {INSTRUCTIONS}",
            input=self.items,
            tools=TOOLS,
            tool_choice="auto",
            parallel_tool_calls=True,
            reasoning={"effort": "low", "summary": "auto"},
            store=False,
            stream=True,
            include=["reasoning.encrypted_content"],
            prompt_cache_key=self.session,
            text={"verbosity": "low"},
            # Anthropic caches what it is told to.
            extra_body={"provider": {"only": [self.provider]}, "cache_control": {"type": "ephemeral"}},
        )
        done, last = [], None
        for event in events:
            last = event
            if event.type == "response.output_item.done":
                done.append(event.item)
        assert last.type == "response.completed", last
        usage = last.response.usage
        self.cached.append(usage.input_tokens_details.cached_tokens)
        self.prompts.append(usage.input_tokens)
        self.items += [self.kept(item) for item in done]
        return done

    def say(self, text: str) -> None:
        self.items.append({"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]})

    def kept(self, item) -> dict:
        match item.type:
            case "reasoning":
                summary = [part.model_dump() for part in item.summary]
                return {"type": "reasoning", "summary": summary, "encrypted_content": item.encrypted_content}
            case "function_call":
                return {"type": "function_call", "name": item.name, "arguments": item.arguments, "call_id": item.call_id}
            case "message":
                content = [{"type": "output_text", "text": part.text} for part in item.content]
                return {"type": "message", "role": "assistant", "content": content}
        raise AssertionError(item.type)


@pytest.mark.parametrize(("model", "provider"), THINKERS)
def test_thirty_turns_of_a_coding_agent_keep_their_meaning(client, model, provider):
    agent = Agent(client, model, provider)
    for number in range(TURNS // 2):
        tools = ["shell"] if number % 3 else ["shell", "update_plan"]
        agent.say(f"Step {number}: use {' and '.join(tools)}.")
        thought, *calls = agent.turn()
        assert thought.type == "reasoning" and thought.encrypted_content
        assert [call.name for call in calls] == tools
        for call in calls:
            agent.items.append({"type": "function_call_output", "call_id": call.call_id, "output": f"{call.name} {number} done"})
        # It thinks on: its thoughts came back to it, and were believed.
        thought, answer = agent.turn()
        assert thought.type == "reasoning"
        quoted = "\n".join(f"The tool {name} returned: {name} {number} done" for name in tools)
        assert answer.content[0].text == quoted
    assert len(agent.cached) == TURNS
    assert agent.cached == sorted(agent.cached), "what is cached once stays cached"
    # All but the last words of each turn were there before.
    assert all(cached > 0.8 * prompt for cached, prompt in zip(agent.cached[1:], agent.prompts[1:]))
    assert agent.cached[-1] > 1.2 * agent.cached[1]
