/** Which picture a grid is to bring into view and give the focus, once it has it. The field is reactive. */
class Reveal {
  id = $state<string | null>(null);
}

export const reveal = new Reveal();
